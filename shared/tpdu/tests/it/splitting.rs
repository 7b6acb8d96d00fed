//! How texts become parts. The limits are the standard's arithmetic, TS 23.040, 9.2.3.24.1.

use tpdu::text::{Encoding, Options, Plan, TextError, plan};
use tpdu::{
    Address, Alphabet, Body, Class, Concat, Content, DataCoding, Element, Language, MessageBody,
    MessageSpec, Ports, Submit, Udh, UserData, compose, join,
};

fn auto(text: &str) -> Plan {
    plan(text, &Options::default()).unwrap()
}

fn sizes(plan: &Plan) -> Vec<usize> {
    plan.parts.iter().map(|part| part.units).collect()
}

fn number() -> Address {
    Address::number("+628123456789").unwrap()
}

fn joined(submits: &[Submit]) -> Content {
    join(&submits.iter().map(Submit::body).collect::<Vec<Body<'_>>>())
}

#[test]
fn limits() {
    for (encoding, c, alone, narrow, wide) in
        [(Encoding::Gsm7, "a", 160, 153, 152), (Encoding::Ucs2, "Ж", 70, 67, 66)]
    {
        let mut options = Options::new(encoding);
        let count = |n: usize, options: &Options| sizes(&plan(&c.repeat(n), options).unwrap());
        assert_eq!(count(0, &options), [0]);
        assert_eq!(count(alone, &options), [alone]);
        assert_eq!(count(alone + 1, &options), [narrow, alone + 1 - narrow]);
        assert_eq!(count(narrow * 255, &options).len(), 255);
        options.wide_reference = true;
        assert_eq!(count(alone, &options), [alone]);
        assert_eq!(count(alone + 1, &options), [wide, alone + 1 - wide]);
        assert_eq!(
            plan(&c.repeat(wide * 255 + 1), &options),
            Err(TextError::TooLong { parts: 256 })
        );
    }
    let data = |n| compose(&MessageSpec::data(number(), vec![7; n])).unwrap();
    assert_eq!(data(140).len(), 1);
    assert_eq!(data(141)[0].data, UserData::Octets(vec![7; 134]));
    assert_eq!(joined(&data(1000)), Content::Data(vec![7; 1000]));
}

#[test]
fn counter() {
    let plan = auto("Pesanan Anda {123} siap");
    assert_eq!(
        (plan.alphabet, plan.units, plan.per_part, plan.left()),
        (Alphabet::Gsm7, 25, 160, 135)
    );
    let plan = auto(&"a".repeat(170));
    assert_eq!((plan.parts.len(), plan.per_part, plan.left()), (2, 153, 136));
}

/// Facts B8: "with both shifts and concat: 11 + 1 octets", septets from the header's length.
#[test]
fn room_follows_from_the_header() {
    let text = |n: usize| "ğ".repeat(n);
    let options = Options { languages: vec![Language::Turkish], ..Options::new(Encoding::Gsm7) };
    // Locking shift alone: 3 + 1 octets are 5 septets.
    assert_eq!(sizes(&plan(&text(155), &options).unwrap()), [155]);
    // With concatenation: 8 + 1 octets are 11 septets.
    assert_eq!(sizes(&plan(&text(156), &options).unwrap()), [149, 7]);
    let both = Udh(vec![
        Element::LockingShift(Language::Turkish),
        Element::SingleShift(Language::Turkish),
    ]);
    let options = Options { udh: both, ..Options::new(Encoding::Gsm7) };
    // 11 + 1 octets are 14 septets.
    assert_eq!(sizes(&plan(&text(200), &options).unwrap()), [146, 54]);
}

/// AOSP, GsmSmsTest.java, `testFragmentTurkishText`: 77 and 78 characters of two septets each, extension only.
#[test]
fn android_turkish() {
    let text: String = "ĞŞİğşı".chars().cycle().take(78).collect();
    let header = Udh(vec![Element::SingleShift(Language::Turkish)]);
    let options = Options { udh: header, ..Options::new(Encoding::Gsm7) };
    let short: String = text.chars().take(77).collect();
    assert_eq!(sizes(&plan(&short, &options).unwrap()), [154]);
    let long = plan(&text, &options).unwrap();
    assert_eq!(sizes(&long), [148, 8]);
    assert_eq!(long.units, 156);
}

#[test]
fn languages_only_when_they_save_parts() {
    let options = Options { languages: Language::ALL.to_vec(), ..Options::default() };
    let short = plan("İyi günler", &options).unwrap();
    assert_eq!((short.alphabet, short.parts.len()), (Alphabet::Ucs2, 1));
    let long = plan(&"İyi günler! ".repeat(12), &options).unwrap();
    assert_eq!((long.alphabet, long.shifts.locking), (Alphabet::Gsm7, Some(Language::Turkish)));
    assert_eq!(long.parts.len(), 1);
    let without = auto(&"İyi günler! ".repeat(12));
    assert_eq!((without.alphabet, without.parts.len()), (Alphabet::Ucs2, 3));
    // Hindi, which UCS-2 gives 70 characters a part.
    let hindi = plan(&"नमस्ते दुनिया ".repeat(10), &options).unwrap();
    assert_eq!((hindi.shifts.locking, hindi.parts.len()), (Some(Language::Hindi), 1));

    let spec = MessageSpec {
        body: MessageBody::Text {
            text: "नमस्ते दुनिया ".repeat(30),
            encoding: Encoding::Auto,
            languages: vec![Language::Hindi],
        },
        ..MessageSpec::text(number(), "")
    };
    let submits = compose(&spec).unwrap();
    assert_eq!(submits[0].udh.shifts().locking, Some(Language::Hindi));
    assert_eq!(joined(&submits), Content::Text("नमस्ते दुनिया ".repeat(30)));
}

#[test]
fn an_escape_sequence_is_never_split() {
    // 152 septets, then two for the bracket: it goes to the next part.
    let text = format!("{}[{}", "a".repeat(152), "b".repeat(20));
    let plan = auto(&text);
    assert_eq!(sizes(&plan), [152, 22]);
    assert_eq!(plan.parts[1].text, format!("[{}", "b".repeat(20)));
}

#[test]
fn a_surrogate_pair_is_never_split() {
    let text = format!("{}🕊{}", "Ж".repeat(66), "Ж".repeat(20));
    assert_eq!(sizes(&auto(&text)), [66, 22]);
}

#[test]
fn what_readers_see_as_one_is_not_split_where_that_is_free() {
    // The family takes 11 units and would begin at unit 60.
    let family = "👨‍👩‍👧‍👦";
    let text = format!("{}{family}{}", "Ж".repeat(60), "Ж".repeat(30));
    assert_eq!(sizes(&auto(&text)), [60, 41]);
    // With exactly two full parts it would cost a third, so it is split between characters.
    let text = format!("{}{family}{}", "Ж".repeat(60), "Ж".repeat(62));
    let plan = auto(&text);
    assert_eq!(plan.parts.len(), 2);
    assert_eq!(plan.parts.iter().map(|part| part.text.as_str()).collect::<String>(), text);
    // A character longer than a part.
    let zalgo = format!("e{}", "\u{301}".repeat(300));
    assert_eq!(auto(&zalgo).parts.len(), 5);
}

#[test]
fn gsm7_names_what_it_lacks() {
    let error = plan("naïve “Ж” Ж", &Options::new(Encoding::Gsm7)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the text does not fit the GSM 7-bit alphabet: 'ï' (U+00EF), '“' (U+201C), 'Ж' (U+0416), \
         '”' (U+201D) are not in it"
    );
    let Err(TextError::NotInAlphabet(missing)) = plan("a\tb", &Options::new(Encoding::Gsm7)) else {
        panic!("a tab is not in the alphabet");
    };
    assert_eq!(missing.characters, ['\t']);
}

#[test]
fn smart_replaces_only_to_save_parts_and_tells() {
    let smart = |text: &str| plan(text, &Options::new(Encoding::Smart)).unwrap();
    // One part either way: sent as written.
    let short = smart("It’s “fine”…");
    assert_eq!((short.alphabet, short.replaced.len()), (Alphabet::Ucs2, 0));
    assert_eq!(short.parts[0].text, "It’s “fine”…");
    let long = smart(&"It’s “fine”… ".repeat(8));
    assert_eq!((long.alphabet, long.parts.len()), (Alphabet::Gsm7, 1));
    assert_eq!(long.parts[0].text, "It's \"fine\"... ".repeat(8));
    let replaced: Vec<_> = long.replaced.iter().map(|r| (r.from, r.to, r.times)).collect();
    assert_eq!(replaced, [('’', "'", 8), ('“', "\"", 8), ('”', "\"", 8), ('…', "...", 8)]);
    // One character without a look-alike, and nothing is replaced.
    let mixed = smart(&format!("{} 漢", "It’s “fine”… ".repeat(8)));
    assert_eq!((mixed.alphabet, mixed.replaced.len()), (Alphabet::Ucs2, 0));
    // Already GSM 7-bit: nothing to do.
    assert_eq!(smart(&"It's".repeat(50)).replaced, []);
}

#[test]
fn a_header_given_is_kept() {
    let given = Udh(vec![Element::Other { id: 0x70, data: vec![1, 2] }]);
    let spec = MessageSpec {
        udh: given.clone(),
        ports: Some(Ports { destination: 16_000, source: 0 }),
        reference: 0x1234,
        class: Some(Class::Class0),
        ..MessageSpec::text(number(), "a".repeat(161))
    };
    let submits = compose(&spec).unwrap();
    assert_eq!(submits.len(), 2);
    assert_eq!(spec.parts(), Ok(2));
    for (n, submit) in (1..).zip(&submits) {
        let concat = Concat { reference: 0x34, wide: false, total: 2, sequence: n };
        assert_eq!(submit.concat(), Some(concat));
        assert_eq!(submit.udh.ports(), spec.ports);
        assert!(submit.udh.0.contains(&given.0[0]));
        assert_eq!(submit.coding, DataCoding(0x10));
        assert!(submit.report);
    }
    let wide = compose(&MessageSpec { wide_reference: true, ..spec }).unwrap();
    assert_eq!(wide[0].concat().unwrap().reference, 0x1234);
}

/// Kannel's users number parts themselves with `udh`: then one part it must be.
#[test]
fn a_part_given_stays_one_part() {
    let udh = Udh::decode(&[0x05, 0x00, 0x03, 0x2A, 0x02, 0x01]).unwrap();
    let spec = |n| MessageSpec { udh: udh.clone(), ..MessageSpec::text(number(), "a".repeat(n)) };
    let submits = compose(&spec(153)).unwrap();
    assert_eq!((submits.len(), &submits[0].udh), (1, &udh));
    assert_eq!(spec(154).parts(), Err(TextError::AlreadyPart));
    let data = MessageSpec { udh: udh.clone(), ..MessageSpec::data(number(), vec![0; 135]) };
    assert_eq!(data.parts(), Err(TextError::AlreadyPart));
}

#[test]
fn a_header_without_room_is_refused() {
    let header = |n| Udh(vec![Element::Other { id: 0x70, data: vec![0; n] }]);
    let spec = |n, text: &str| MessageSpec { udh: header(n), ..MessageSpec::text(number(), text) };
    assert_eq!(spec(135, "a").parts(), Ok(1));
    assert_eq!(spec(135, "aaa").parts(), Err(TextError::HeaderTooLong { octets: 143 }));
    assert_eq!(spec(137, "a").parts(), Err(TextError::HeaderTooLong { octets: 140 }));
}

/// Senders split pairs and escape sequences between parts; joined they read as they were meant.
#[test]
fn joining_heals_foreign_splits() {
    let none = Udh::NONE;
    let part = |data| Body { coding: DataCoding::UCS2, udh: &none, data };
    let (first, second) =
        (UserData::Octets(vec![0xD8, 0x3D]), UserData::Octets(vec![0xDD, 0x4A, 0x00, 0x21]));
    assert_eq!(join(&[part(&first), part(&second)]), Content::Text("🕊!".to_owned()));
    assert_eq!(part(&first).text().unwrap(), "\u{fffd}");

    let part = |data| Body { coding: DataCoding::GSM7, udh: &none, data };
    let (first, second) = (UserData::Septets(vec![0x41, 0x1B]), UserData::Septets(vec![0x65]));
    assert_eq!(join(&[part(&first), part(&second)]), Content::Text("A€".to_owned()));

    // Parts of different alphabets.
    let wide = UserData::Octets(vec![0x04, 0x16]);
    let wide = Body { coding: DataCoding::UCS2, udh: &none, data: &wide };
    let plain = UserData::Septets(vec![0x41]);
    assert_eq!(join(&[wide, part(&plain), wide]), Content::Text("ЖAЖ".to_owned()));
}

#[test]
fn a_text_that_can_never_fit_is_counted_and_no_more() {
    let most = 255 * 160;
    // In Turkish letters it would be fewer parts, and still too many; as `s` too.
    for (encoding, per_part) in [(Encoding::Auto, 67), (Encoding::Smart, 153)] {
        let options = Options { languages: Language::ALL.to_vec(), ..Options::new(encoding) };
        let refused = plan(&"ş".repeat(most + 1), &options);
        assert_eq!(refused, Err(TextError::TooLong { parts: (most + 1).div_ceil(per_part) }));
    }
    // All different: what is missing is looked up, not searched for.
    let options = Options { languages: Language::ALL.to_vec(), ..Options::new(Encoding::Gsm7) };
    let different: String = ('\u{10000}'..'\u{3FFFF}').collect();
    let Err(TextError::NotInAlphabet(missing)) = plan(&different, &options) else { panic!() };
    assert!(missing.characters.iter().copied().eq(different.chars()));
}
