//! A browser without JavaScript.

use reqwest::StatusCode;

use crate::gateway::Gateway;

/// What parts the fields of a form with a file.
pub(crate) const BOUNDARY: &str = "----MerpatiBoundary7MA4YWxk";

/// The body of a form with a file: the token, then the file.
pub(crate) fn uploaded(csrf: &str, name: &str, file: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n\
         --{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         content-type: text/csv\r\n\r\n"
    );
    [head.as_bytes(), file, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat()
}

/// A browser: it keeps cookies and follows redirects after forms, and reads forms' tokens.
pub(crate) struct Browser<'a> {
    gateway: &'a Gateway,
    /// The copy of the portal it is at.
    url: String,
    language: &'static str,
    cookies: Vec<(String, String)>,
    pub(crate) csrf: String,
    pub(crate) status: StatusCode,
    pub(crate) at: String,
    pub(crate) page: String,
    pub(crate) set_cookies: Vec<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(gateway: &'a Gateway, language: &'static str) -> Self {
        Self::at(gateway, &gateway.url, language)
    }

    /// One that is at a copy of the portal.
    pub(crate) fn at(gateway: &'a Gateway, url: &str, language: &'static str) -> Self {
        Self {
            gateway,
            url: url.to_owned(),
            language,
            cookies: Vec::new(),
            csrf: String::new(),
            status: StatusCode::OK,
            at: String::new(),
            page: String::new(),
            set_cookies: Vec::new(),
            headers: Vec::new(),
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With a cookie that somebody else put into it.
    pub(crate) fn planted(mut self, name: &str, value: &str) -> Self {
        self.cookies.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn cookie(&self) -> String {
        self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join("; ")
    }

    pub(crate) async fn open(&mut self, path: &str) -> &mut Self {
        let path = path.strip_prefix(&self.url).unwrap_or(path).to_owned();
        let request = self.gateway.http.get(format!("{}{path}", self.url));
        self.go(path, request).await
    }

    pub(crate) async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> &mut Self {
        let csrf = self.csrf.clone();
        self.send_with(path, &csrf, fields).await
    }

    pub(crate) async fn send_with(
        &mut self,
        path: &str,
        csrf: &str,
        fields: &[(&str, &str)],
    ) -> &mut Self {
        let mut form = vec![("csrf", csrf)];
        form.extend_from_slice(fields);
        let request = self.gateway.http.post(format!("{}{path}", self.url)).form(&form);
        self.go(path.to_owned(), request).await
    }

    /// Sends the form that uploads a file, which browsers write so.
    pub(crate) async fn upload(
        &mut self,
        path: &str,
        csrf: &str,
        name: &str,
        file: &[u8],
    ) -> &mut Self {
        let request = self
            .gateway
            .http
            .post(format!("{}{path}", self.url))
            .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
            .body(uploaded(csrf, name, file));
        self.go(path.to_owned(), request).await
    }

    async fn go(&mut self, path: String, request: reqwest::RequestBuilder) -> &mut Self {
        self.set_cookies.clear();
        let mut request = Some(request);
        self.at = path;
        while let Some(next) = request.take() {
            let mut next =
                next.header("cookie", self.cookie()).header("accept-language", self.language);
            for (name, value) in &self.headers {
                next = next.header(*name, value);
            }
            let response = next.send().await.expect("an answer");
            for set in response.headers().get_all("set-cookie") {
                let set = set.to_str().expect("a cookie").to_owned();
                let (name, rest) = set.split_once('=').expect("a cookie");
                let value = rest.split(';').next().unwrap_or_default().to_owned();
                self.cookies.retain(|(known, _)| known != name);
                if !value.is_empty() {
                    self.cookies.push((name.to_owned(), value));
                }
                self.set_cookies.push(set);
            }
            self.status = response.status();
            if self.status == StatusCode::SEE_OTHER {
                self.at = response.headers()["location"].to_str().expect("a place").into();
                request = Some(self.gateway.http.get(format!("{}{}", self.url, self.at)));
                continue;
            }
            let policy = response.headers()["content-security-policy"].to_str().expect("a policy");
            assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
            self.page = response.text().await.expect("a page");
            assert!(!self.page.contains(" style=") && !self.page.contains("onclick"), "inline");
            // A part that was escaped as if it were text.
            assert!(!self.page.contains("class=&#34;"), "markup as text in:\n{}", self.page);
        }
        if let Some((_, rest)) = self.page.split_once("name=\"csrf\" value=\"") {
            self.csrf = rest.split('"').next().unwrap_or_default().into();
        }
        self
    }

    #[track_caller]
    pub(crate) fn shows(&self, words: &str) {
        assert!(self.page.contains(words), "no '{words}' at {} in:\n{}", self.at, self.page);
    }

    #[track_caller]
    pub(crate) fn hides(&self, words: &str) {
        assert!(!self.page.contains(words), "'{words}' at {} in:\n{}", self.at, self.page);
    }
}

/// Somebody who has set the gateway up.
pub(crate) async fn newcomer<'a>(gateway: &'a Gateway, language: &'static str) -> Browser<'a> {
    let mut browser = Browser::new(gateway, language);
    let link = gateway.setup_link.clone().expect("a link");
    browser.open(&link).await;
    let token = link.split_once("token=").expect("a token").1.to_owned();
    let fields = [("token", token.as_str()), ("name", "Ani"), ("password", "merpati putih")];
    browser.send("/setup", &fields).await;
    browser
}
