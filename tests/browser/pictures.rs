//! Every page with a gateway behind it that has been in use: whether it fits a phone, and pictures of it.
//!
//! The first is one of the tests. The pictures are made by `tests/screenshots`, for somebody to look through after a change of the
//! pages: a file for each page, screen, light and language, and an `index.html` that shows them side by side. With
//! `--docs` it makes those of the documentation in place of them. Nothing is compared: a time or a font would differ, and whether a page looks
//! right is for eyes.

mod api;
mod fleet;
mod index;
mod shop;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use modem_sim::Simulation;
use serde_json::{Value, json};

use api::Api;
use shop::Places;

use crate::browser::{Browser, Screen};
use crate::gateway::Gateway;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// What everybody in the pictures logs in with.
const PASSWORD: &str = "empat ekor merpati";
/// Where pictures are put, beside the whole name of the file.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/screenshots");
/// Where those of the documentation are.
const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/images");
/// The most pixels of a page from top to bottom: what is below is more of the same.
const HIGHEST: u64 = 4_000;

/// The pages that are there of themselves, by the names of their pictures. Those of the navigation are among them.
const PAGES: [(&str, &str); 29] = [
    ("write", "/"),
    ("conversations", "/conversations"),
    ("sent", "/sent"),
    ("received", "/received"),
    ("bulk", "/bulk"),
    ("contacts", "/contacts"),
    ("contact-imports", "/contact-imports"),
    ("contact-doubles", "/contact-doubles?by=name"),
    ("groups", "/groups"),
    ("templates", "/templates"),
    ("schedules", "/schedules"),
    ("broadcasts", "/broadcasts"),
    ("services", "/services"),
    ("webhooks", "/webhooks"),
    ("modems", "/modems"),
    ("modem-add", "/modems/add"),
    ("routes", "/routes"),
    ("reports", "/reports"),
    ("status", "/status"),
    ("audit", "/audit"),
    ("account", "/account"),
    ("totp", "/account/totp"),
    ("keys", "/keys"),
    ("users", "/users"),
    ("teams", "/teams"),
    ("credits", "/credits"),
    ("optouts", "/optouts"),
    ("search", "/search?q=si"),
    ("api", "/api/docs"),
];

/// The pages that the documentation shows.
const IN_DOCS: [(&str, &str); 4] = [
    ("portal", "/"),
    ("conversations", "/conversations"),
    ("modems", "/modems"),
    ("reports", "/reports"),
];

/// A gateway that was just started, and its modems.
struct Fresh {
    gateway: Gateway,
    simulation: Simulation,
    folder: tempfile::TempDir,
}

impl Fresh {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let simulation = fleet::plug_in(&folder.path().join("modems")).await;
        let ports: Vec<String> =
            simulation.ports().iter().map(|port| port.address.to_string()).collect();
        let mut arguments = vec!["--no-discovery"];
        for port in &ports {
            arguments.extend(["--modem", port]);
        }
        let environment = [
            ("MERPATI__LIMITS__KEY_REQUESTS", ""),
            ("MERPATI__LIMITS__USER_REQUESTS", ""),
            ("MERPATI__LIMITS__KEY_MESSAGES", ""),
            ("MERPATI__LIMITS__USER_MESSAGES", ""),
        ];
        let gateway =
            Gateway::start_with(&folder.path().join("data"), &arguments, &environment).await;
        Self { gateway, simulation, folder }
    }

    fn setup_link(&self) -> &str {
        self.gateway.setup_link.as_deref().expect("there is no administrator yet")
    }

    /// Makes the first administrator, in this browser, and fills it.
    async fn in_use(self, browser: &Browser) -> Town {
        browser.open(self.setup_link()).await;
        browser.fill("#name", "Putri").await;
        browser.fill("#password", PASSWORD).await;
        browser.click("button.primary").await;
        browser.until("document.querySelector('#compose') !== null").await;
        let Self { gateway, simulation, folder } = self;
        let api = Api::of(&gateway, "Putri").await;
        fleet::settle(&api, &simulation).await;
        let mut places = shop::fill(&api, &simulation).await;
        browser.open(&format!("{}/routes", gateway.url)).await;
        let rule = "return document.querySelector(\"main a[href^='/routes/']\").pathname";
        let rule = browser.script(rule).await.as_str().expect("a rule").to_owned();
        places.push(("route", rule));
        places.extend(PAGES.map(|(name, path)| (name, path.to_owned())));
        Town { gateway, places, _simulation: simulation, _folder: folder }
    }
}

/// A gateway of a shop that has been in use.
struct Town {
    gateway: Gateway,
    places: Places,
    _simulation: Simulation,
    // Last, so that everything in it has ended before the folder goes.
    _folder: tempfile::TempDir,
}

impl Town {
    /// Opens one of its pages, which is there.
    async fn show(&self, browser: &Browser, path: &str) {
        browser.open(&format!("{}{path}", self.gateway.url)).await;
        browser.find("nav.pages").await;
        let missing = "return document.querySelector('#content > section.door') !== null";
        assert_eq!(browser.script(missing).await, false, "{path}");
    }

    /// Logs a browser in.
    async fn log_in(&self, browser: &Browser) {
        browser.open(&format!("{}/login", self.gateway.url)).await;
        browser.fill("#name", "Putri").await;
        browser.fill("#password", PASSWORD).await;
        browser.click("button.primary").await;
        browser.until("document.querySelector('#compose') !== null").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_a_gateway_in_use_fits_a_phone() {
    let browser = Browser::start("id", Screen::Phone).await;
    let town = Fresh::start().await.in_use(&browser).await;
    for (_, path) in &town.places {
        town.show(&browser, path).await;
        browser.fits().await;
    }
    // So that none of the navigation is left out, here and among the pictures.
    let linked = "return [...document.querySelectorAll('nav.pages a')].map((one) => one.pathname)";
    town.show(&browser, "/").await;
    let linked = browser.script(linked).await;
    let shown: HashSet<&str> = town.places.iter().map(|(_, path)| path.as_str()).collect();
    for path in linked.as_array().expect("links") {
        assert!(shown.contains(path.as_str().unwrap_or_default()), "{path} is not among {shown:?}");
    }
    let names: HashSet<&str> = town.places.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), town.places.len(), "each has a name of its own");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it makes hundreds of pictures for somebody to look at: tests/screenshots"]
async fn pictures() {
    if std::env::var_os("SCREENSHOTS").is_some_and(|what| what == "docs") {
        for_docs().await;
    } else {
        of_everything().await;
    }
}

/// The four of the documentation: light, English, as large as they are shown.
async fn for_docs() {
    let browser = Browser::start("en", Screen::Desktop).await;
    let town = Fresh::start().await.in_use(&browser).await;
    let folder = made(DOCS);
    look(&browser, "light").await;
    resize(&browser, Size { width: 1_280, height: 720, ratio: 1 }).await;
    for (name, path) in IN_DOCS {
        town.show(&browser, path).await;
        browser.picture(&folder.join(format!("{name}.png"))).await;
    }
}

/// All pages, in each language, on each screen, by day and by night.
async fn of_everything() {
    let folder = made(FOLDER);
    let mut browsers = Vec::new();
    for language in ["en", "id"] {
        for (screen, kind) in [(Screen::Desktop, "desktop"), (Screen::Phone, "phone")] {
            let browser = Browser::start(language, screen).await;
            browsers.push(Camera { browser, screen, kind, language, folder: folder.clone() });
        }
    }
    let gateway = Fresh::start().await;
    for camera in &browsers {
        camera.browser.open(gateway.setup_link()).await;
        camera.take("setup").await;
    }
    let town = gateway.in_use(&browsers[0].browser).await;
    for camera in &browsers {
        camera.browser.client.delete_all_cookies().await.unwrap();
        camera.browser.open(&format!("{}/login", town.gateway.url)).await;
        camera.take("login").await;
        town.log_in(&camera.browser).await;
        for (name, path) in &town.places {
            town.show(&camera.browser, path).await;
            camera.take(name).await;
        }
        camera.browser.open(&format!("{}/nowhere", town.gateway.url)).await;
        camera.take("nothing-here").await;
    }
    let mut names = vec!["setup", "login"];
    names.extend(town.places.iter().map(|(name, _)| *name));
    names.push("nothing-here");
    std::fs::write(folder.join("index.html"), index::page(&names)).unwrap();
}

/// A folder that is there. What other runs left in it stays until it is written again.
fn made(folder: &str) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    Path::new(folder).canonicalize().unwrap()
}

/// A browser, and what its pictures are called.
struct Camera {
    browser: Browser,
    screen: Screen,
    kind: &'static str,
    language: &'static str,
    folder: PathBuf,
}

impl Camera {
    /// Takes the page that is open, by day and by night.
    async fn take(&self, name: &str) {
        let size = match self.screen {
            Screen::Desktop => Size { width: 1_200, height: 900, ratio: 1 },
            Screen::Phone => Size { width: 360, height: 740, ratio: 2 },
        };
        resize(&self.browser, size).await;
        let height = self.browser.script("return document.documentElement.scrollHeight").await;
        let height = height.as_u64().unwrap_or_default().clamp(size.height, HIGHEST);
        resize(&self.browser, Size { height, ..size }).await;
        for light in ["light", "dark"] {
            look(&self.browser, light).await;
            let file = format!("{name}.{}.{light}.{}.png", self.kind, self.language);
            self.browser.picture(&self.folder.join(file)).await;
        }
    }
}

/// What a page is shown on.
#[derive(Debug, Clone, Copy)]
struct Size {
    width: u64,
    height: u64,
    /// Pixels of the screen for one of the page.
    ratio: u64,
}

async fn resize(browser: &Browser, Size { width, height, ratio }: Size) {
    let is_phone = ratio > 1;
    let size = json!({
        "width": width, "height": height, "deviceScaleFactor": ratio, "mobile": is_phone,
    });
    browser.devtools("Emulation.setDeviceMetricsOverride", &size).await;
}

/// By day or by night.
async fn look(browser: &Browser, light: &str) {
    let scheme = json!({ "features": [{ "name": "prefers-color-scheme", "value": light }] });
    browser.devtools("Emulation.setEmulatedMedia", &scheme).await;
    let dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
    assert_eq!(browser.script(dark).await, Value::Bool(light == "dark"));
}
