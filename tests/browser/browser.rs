//! A headless Chromium and its driver, from the distribution's packages.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const PATIENCE: Duration = Duration::from_secs(60);
/// How often the driver may end before it has a port.
const STARTS: u32 = 5;
/// How often a wait in a page may end because the page was left.
const MOST_LEFT_PAGES: u32 = 2;

/// What the pages are looked at with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    /// A window of 1200 by 900.
    Desktop,
    /// A small phone, 360 by 740, in a browser that has no shared workers, as on Android.
    Phone,
}

/// Starts what drives a browser; returns it and its port. It chooses a port for both families of addresses, which another program
/// may take in one of them meanwhile, and then ends: it is started again.
async fn driver() -> (Child, u16) {
    for _ in 0..STARTS {
        let mut driver = Command::new("/usr/bin/chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver is installed (tests/run does it)");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = tokio::time::timeout(PATIENCE, async {
            while let Some(line) = lines.next_line().await.unwrap() {
                // "ChromeDriver was started successfully on port 40123."
                if let Some((_, port)) = line.rsplit_once("successfully on port ") {
                    return Some(port.trim_end_matches('.').parse::<u16>().unwrap());
                }
            }
            None
        })
        .await
        .unwrap();
        if let Some(port) = port {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (driver, port);
        }
    }
    panic!("chromedriver did not start");
}

/// A browser with an empty profile. It ends with the test.
pub(crate) struct Browser {
    /// What drives it.
    pub(crate) client: Client,
    _driver: Child,
    profile: tempfile::TempDir,
    /// What drives it listens here.
    port: u16,
}

impl Drop for Browser {
    /// Ends the browser, which outlives the program that drives it when that is killed. It is the one that was started with this profile.
    fn drop(&mut self) {
        let profile = self.profile.path().display().to_string();
        let Ok(processes) = std::fs::read_dir("/proc") else { return };
        for process in processes.flatten() {
            let Ok(pid) = process.file_name().to_string_lossy().parse::<i32>() else { continue };
            let arguments = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            if String::from_utf8_lossy(&arguments).contains(&profile)
                && let Some(pid) = rustix::process::Pid::from_raw(pid)
            {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        }
    }
}

impl Browser {
    /// Starts one that asks for pages in `language`.
    pub(crate) async fn start(language: &str, screen: Screen) -> Self {
        // As each gateway of the tests does, of which there may be none yet.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let profile = tempfile::tempdir().unwrap();
        let (driver, port) = driver().await;
        let client = ClientBuilder::rustls()
            .unwrap()
            .capabilities(capabilities(language, screen, profile.path()))
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap();
        Self { client, _driver: driver, profile, port }
    }

    /// Goes to a page.
    pub(crate) async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// The element of a CSS selector, when it is there.
    pub(crate) async fn find(&self, css: &str) -> fantoccini::elements::Element {
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(css))
            .await
            .unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// What it says.
    pub(crate) async fn text(&self, css: &str) -> String {
        self.find(css).await;
        // At once, as the element may be replaced by a newer one at any time.
        let script = format!("return document.querySelector({})?.textContent.trim()", json!(css));
        self.script(&script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Nothing is wider than the screen.
    pub(crate) async fn fits(&self) {
        let widths = "const width = document.documentElement.clientWidth; \
            const wide = [...document.querySelectorAll('body *')] \
                .filter((one) => one.getBoundingClientRect().right > width + 1).map((one) => one.outerHTML.slice(0, 120)); \
            return [document.documentElement.scrollWidth, width, location.pathname, wide.slice(0, 5)]";
        let widths = self.script(widths).await;
        assert!(widths[0].as_u64() <= widths[1].as_u64(), "scrolls sideways: {widths}");
    }

    /// Writes into a field.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        self.find(css).await.send_keys(text).await.unwrap();
    }

    /// Clicks, having scrolled as a person would, so that the row of pages at the foot of a phone does not cover it.
    pub(crate) async fn click(&self, css: &str) {
        let script = format!(
            "document.querySelector({})?.scrollIntoView({{ block: 'center', behavior: 'instant' }})",
            json!(css)
        );
        self.script(&script).await;
        self.find(css).await.click().await.unwrap();
    }

    /// Runs a script that returns something.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Waits in the page, without asking it again and again, until the condition holds.
    ///
    /// A form that was just sent leaves its page when the answer comes, which may be after the wait began: the wait
    /// ends with the page, and begins again in the next one.
    pub(crate) async fn until(&self, condition: &str) {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             const holds = () => {{ try {{ return {condition}; }} catch {{ return false; }} }};
             if (holds()) {{ done(true); return; }}
             const watch = new MutationObserver(() => {{ if (holds()) {{ watch.disconnect(); done(true); }} }});
             watch.observe(document.documentElement, {{ subtree: true, childList: true, attributes: true, characterData: true }});"
        );
        let mut left_pages = 0;
        while let Err(error) = self.client.execute_async(&script, Vec::new()).await {
            left_pages += 1;
            if left_pages > MOST_LEFT_PAGES {
                let page = self.script("return document.body?.innerText").await;
                panic!("{condition}: {error}; the page says {page}");
            }
        }
    }

    /// Gives a command of the `DevTools` protocol and returns its answer: for what `WebDriver` has no word for.
    pub(crate) async fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let session = self.client.session_id().await.unwrap().expect("a session");
        let url = format!("http://127.0.0.1:{}/session/{session}/goog/cdp/execute", self.port);
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        let body = json!({ "cmd": command, "params": parameters });
        let answer = http.post(url).json(&body).send().await.unwrap().text().await.unwrap();
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        let value = answer["value"].take();
        assert!(value.get("error").is_none(), "{command}: {value}");
        value
    }

    /// Keeps a picture of the page.
    pub(crate) async fn picture(&self, file: &Path) {
        std::fs::write(file, self.client.screenshot().await.unwrap()).unwrap();
    }
}

fn capabilities(language: &str, screen: Screen, profile: &Path) -> Capabilities {
    let mut arguments = vec![
        "--headless".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-quic".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--hide-scrollbars".to_owned(),
        "--window-size=1200,900".to_owned(),
        format!("--user-data-dir={}", profile.display()),
        format!("--lang={language}"),
    ];
    let mut options = json!({
        "binary": "/usr/bin/chromium",
        "prefs": { "intl.accept_languages": language },
    });
    if screen == Screen::Phone {
        arguments.push("--disable-shared-workers".to_owned());
        let metrics = json!({ "width": 360, "height": 740, "pixelRatio": 2.0 });
        options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
    }
    options["args"] = json!(arguments);
    let mut capabilities = Capabilities::new();
    capabilities.insert("goog:chromeOptions".into(), options);
    capabilities.insert("timeouts".into(), json!({ "script": 60_000, "pageLoad": 60_000 }));
    capabilities
}
