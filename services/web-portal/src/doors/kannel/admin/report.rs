//! `status` in Kannel's three forms.

use std::fmt::Write as _;
use std::iter::Sum;
use std::time::Duration;

/// The times for which Kannel says how much comes and goes a second, beside all of it.
pub(super) const WINDOWS: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(5)];

/// In which form something is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Html,
    Xml,
}

impl Form {
    /// That of a path with this ending.
    pub(super) fn of(ending: &str) -> Option<Self> {
        match ending {
            "txt" => Some(Self::Text),
            "html" => Some(Self::Html),
            "xml" => Some(Self::Xml),
            _ => None,
        }
    }

    /// As Kannel has it, whose XML is plain text.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html",
            Self::Text | Self::Xml => "text/plain",
        }
    }
}

/// What came and went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) received: u64,
    pub(super) sent: u64,
    pub(super) reports: u64,
}

impl Sum for Sums {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            received: sum.received + one.received,
            sent: sum.sent + one.sent,
            reports: sum.reports + one.reports,
        })
    }
}

/// The sum of what came and went in each of [`WINDOWS`].
pub(super) fn sum_of_loads<'a>(all: impl Iterator<Item = &'a [Sums; 2]>) -> [Sums; 2] {
    all.fold([Sums::default(); 2], |[minute, five], one| {
        [[minute, one[0]].into_iter().sum(), [five, one[1]].into_iter().sum()]
    })
}

/// A modem as a service centre.
pub(super) struct Centre {
    pub(super) id: String,
    pub(super) admin_id: String,
    pub(super) name: String,
    pub(super) status: String,
    pub(super) sums: Sums,
    pub(super) loads: [Sums; 2],
    pub(super) failed: u64,
    pub(super) queued: u64,
}

/// The whole.
pub(super) struct Report {
    pub(super) status: &'static str,
    pub(super) uptime: Duration,
    pub(super) total: Sums,
    pub(super) loads: [Sums; 2],
    /// Messages that wait to be sent.
    pub(super) waiting: u64,
    pub(super) centres: Vec<Centre>,
}

/// Who answers, in the place of Kannel's own line.
const VERSION: &str = concat!("Merpati version `", env!("CARGO_PKG_VERSION"), "'.");

impl Report {
    pub(super) fn written(&self, form: Form) -> String {
        match form {
            Form::Text => self.text(),
            Form::Html => self.html(),
            Form::Xml => self.xml(),
        }
    }

    /// How much a second, in the last minute, in five, and since the start.
    fn load(&self, total: Sums, loads: [Sums; 2], of: fn(Sums) -> u64) -> String {
        let uptime = self.uptime.as_secs_f64().max(1.0);
        let mut figures = Vec::with_capacity(3);
        for (length, sums) in WINDOWS.iter().zip(loads) {
            figures.push(a_second(of(sums), length.as_secs_f64().min(uptime)));
        }
        figures.push(a_second(of(total), uptime));
        figures.join(",")
    }

    fn status_line(&self) -> String {
        let seconds = self.uptime.as_secs();
        let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
        let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
        format!("{}, uptime {days}d {hours}h {minutes}m {seconds}s", self.status)
    }

    fn lines(&self) -> [String; 6] {
        let load = |of| self.load(self.total, self.loads, of);
        let in_hand: u64 = self.centres.iter().map(|centre| centre.queued).sum();
        let Sums { received, sent, reports } = self.total;
        [
            "WDP: received 0 (0 queued), sent 0 (0 queued)".to_owned(),
            format!(
                "SMS: received {received} (0 queued), sent {sent} ({in_hand} queued), store size {}",
                self.waiting
            ),
            format!(
                "SMS: inbound ({}) msg/sec, outbound ({}) msg/sec",
                load(|sums| sums.received),
                load(|sums| sums.sent)
            ),
            format!("DLR: received {reports}, sent 0"),
            format!(
                "DLR: inbound ({}) msg/sec, outbound (0.00,0.00,0.00) msg/sec",
                load(|sums| sums.reports)
            ),
            "DLR: 0 queued, using database storage".to_owned(),
        ]
    }

    /// What stands in the parentheses behind a service centre.
    fn centre(&self, centre: &Centre) -> String {
        let load = |of| self.load(centre.sums, centre.loads, of);
        let Sums { received, sent, reports } = centre.sums;
        format!(
            "{}, rcvd: sms {received} ({}) / dlr {reports} ({}), sent: sms {sent} ({}) / dlr 0 (0.00,0.00,0.00), failed {}, queued {} msgs",
            centre.status,
            load(|sums| sums.received),
            load(|sums| sums.reports),
            load(|sums| sums.sent),
            centre.failed,
            centre.queued
        )
    }

    fn text(&self) -> String {
        let [wdp, sms, sms_loads, dlr, dlr_loads, queued] = self.lines();
        let mut text = format!(
            "{VERSION}\n\n\nStatus: {}\n\n{wdp}\n\n{sms}\n{sms_loads}\n\n{dlr}\n{dlr_loads}\n{queued}\n\n\
             No boxes connected\n\n\nSMSC connections:\n",
            self.status_line()
        );
        for centre in &self.centres {
            let (id, admin, name) =
                (printable(&centre.id), printable(&centre.admin_id), printable(&centre.name));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "    {id}[{admin}]    {name} ({})", self.centre(centre));
        }
        text.push_str("\n\n");
        text
    }

    fn html(&self) -> String {
        let [wdp, sms, sms_loads, dlr, dlr_loads, queued] = self.lines();
        let mut html = format!(
            "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2//EN\">\n<html>\n<title>Kannel</title>\n<body>\n\
             <p>{VERSION}</p>\n\n <p>Status: {}</p>\n\n <p>{wdp}</p>\n\n <p>{sms}<br>\n {sms_loads}</p>\n\n \
             <p>{dlr}<br>\n {dlr_loads}<br>\n {queued}</p>\n\n<p>No boxes connected</p>\n\n<p>SMSC connections:<br>\n",
            self.status_line()
        );
        for centre in &self.centres {
            let (id, admin, name) =
                (escaped(&centre.id), escaped(&centre.admin_id), escaped(&centre.name));
            let _ = writeln!(
                html,
                "&nbsp;&nbsp;&nbsp;&nbsp;<b>{id}</b>[{admin}]&nbsp;&nbsp;&nbsp;&nbsp;{name} ({})<br>",
                self.centre(centre)
            );
        }
        html.push_str("</p>\n\n<p></p>\n</body></html>\n");
        html
    }

    fn xml(&self) -> String {
        let load = |of| self.load(self.total, self.loads, of);
        let in_hand: u64 = self.centres.iter().map(|centre| centre.queued).sum();
        let Sums { received, sent, reports } = self.total;
        let mut xml = format!(
            "<?xml version=\"1.0\"?>\n<gateway>\n<version>{VERSION}\n</version>\n<status>{}</status>\n\
             \t<wdp>\n\t\t<received><total>0</total><queued>0</queued></received>\n\
             \t\t<sent><total>0</total><queued>0</queued></sent>\n\t</wdp>\n\
             \t<sms>\n\t\t<received><total>{received}</total><queued>0</queued></received>\n\
             \t\t<sent><total>{sent}</total><queued>{in_hand}</queued></sent>\n\
             \t\t<storesize>{}</storesize>\n\t\t<inbound>{}</inbound>\n\t\t<outbound>{}</outbound>\n\t\t</sms>\n\
             \t<dlr>\n\t\t<received><total>{reports}</total></received>\n\t\t<sent><total>0</total></sent>\n\
             \t\t<inbound>{}</inbound>\n\t\t<outbound>0.00,0.00,0.00</outbound>\n\t\t<queued>0</queued>\n\
             \t\t<storage>database</storage>\n\t</dlr>\n<boxes>\n</boxes>\n<smscs><count>{}</count>\n",
            self.status_line(),
            self.waiting,
            load(|sums| sums.received),
            load(|sums| sums.sent),
            load(|sums| sums.reports),
            self.centres.len()
        );
        for centre in &self.centres {
            let load = |of| self.load(centre.sums, centre.loads, of);
            let Sums { received, sent, reports } = centre.sums;
            let _ = write!(
                xml,
                "\t<smsc>\n\t\t<name>{}</name>\n\t\t<admin-id>{}</admin-id>\n\t\t<id>{}</id>\n\
                 \t\t<status>{}</status>\n\t\t<failed>{}</failed>\n\t\t<queued>{}</queued>\n\t\t<sms>\n\
                 \t\t\t<received>{received}</received>\n\t\t\t<sent>{sent}</sent>\n\
                 \t\t\t<inbound>{}</inbound>\n\t\t\t<outbound>{}</outbound>\n\t\t</sms>\n\t\t<dlr>\n\
                 \t\t\t<received>{reports}</received>\n\t\t\t<sent>0</sent>\n\t\t\t<inbound>{}</inbound>\n\
                 \t\t\t<outbound>0.00,0.00,0.00</outbound>\n\t\t</dlr>\n\t</smsc>\n",
                escaped(&centre.name),
                escaped(&centre.admin_id),
                escaped(&centre.id),
                centre.status,
                centre.failed,
                centre.queued,
                load(|sums| sums.received),
                load(|sums| sums.sent),
                load(|sums| sums.reports)
            );
        }
        xml.push_str("</smscs>\n</gateway>\n");
        xml
    }
}

#[expect(clippy::cast_precision_loss, reason = "two decimals of a small figure are shown")]
fn a_second(count: u64, seconds: f64) -> String {
    format!("{:.2}", count as f64 / seconds)
}

/// A text on one line.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// A text between tags.
pub(super) fn escaped(text: &str) -> String {
    quick_xml::escape::partial_escape(printable(text)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let sums = Sums { received: 21, sent: 17, reports: 3 };
        let lately = Sums { received: 6, sent: 3, reports: 0 };
        Report {
            status: "running",
            uptime: Duration::from_secs(90_061),
            total: sums,
            loads: [lately, lately],
            waiting: 4,
            centres: vec![Centre {
                id: "sim_1".to_owned(),
                admin_id: "<Toko>".to_owned(),
                name: "/dev/ttyUSB0".to_owned(),
                status: "online 7s".to_owned(),
                sums,
                loads: [lately, lately],
                failed: 1,
                queued: 2,
            }],
        }
    }

    #[test]
    fn the_text_has_kannel_s_lines() {
        let text = report().written(Form::Text);
        for line in [
            "Status: running, uptime 1d 1h 1m 1s\n",
            "SMS: received 21 (0 queued), sent 17 (2 queued), store size 4\n",
            "SMS: inbound (0.10,0.02,0.00) msg/sec, outbound (0.05,0.01,0.00) msg/sec\n",
            "DLR: received 3, sent 0\n",
            "    sim_1[<Toko>]    /dev/ttyUSB0 (online 7s, rcvd: sms 21 (0.10,0.02,0.00) / dlr 3 (0.00,0.00,0.00), \
             sent: sms 17 (0.05,0.01,0.00) / dlr 0 (0.00,0.00,0.00), failed 1, queued 2 msgs)\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn names_cannot_break_out_of_the_other_forms() {
        for form in [Form::Html, Form::Xml] {
            let written = report().written(form);
            assert!(written.contains("&lt;Toko&gt;") && !written.contains("<Toko>"), "{written}");
        }
        let xml = report().written(Form::Xml);
        assert!(xml.contains("<sent><total>17</total><queued>2</queued></sent>"), "{xml}");
        assert!(xml.contains("\t\t<status>online 7s</status>"), "{xml}");
        assert!(xml.ends_with("</smscs>\n</gateway>\n"));
    }
}
