//! What messages cost.

use proptest::prelude::*;

use super::*;

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn prices(usual: &str, prefixes: &[(&str, &str)]) -> Prices {
    let mut prices = Prices { usual: amount(usual), ..Prices::unset(OrgId::default_org()) };
    for (prefix, price) in prefixes {
        prices.set(prefix.parse().unwrap(), amount(price));
    }
    prices
}

fn to(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

#[test]
fn the_longest_prefix_says_the_price() {
    let table = prices("900", &[("+62", "350"), ("+62811", "299.5"), ("62", "400"), ("888", "0")]);
    for (number, price) in [
        ("+628123456789", "350"),
        ("+628113456789", "299.5"),
        // Not international, so `+62` is not meant; `62` is.
        ("628113456789", "400"),
        ("+15551234567", "900"),
        ("0811222333", "900"),
        ("888", "0"),
        ("8881", "0"),
    ] {
        assert_eq!(table.of(&to(number)), amount(price), "{number}");
    }
    assert_eq!(table.cost(&to("+628113456789"), 3), amount("898.5"));
    assert!(!table.is_free());
    assert!(Prices::unset(OrgId::default_org()).is_free());
    assert!(prices("0", &[("+62", "0")]).is_free());
}

#[test]
fn a_prefix_has_one_price() {
    let mut table = prices("1", &[("+62", "2"), ("+1", "3"), ("+62", "4")]);
    assert_eq!(table.prefixes.len(), 2);
    assert_eq!(table.of(&to("+62811")), amount("4"));
    assert!(table.remove(&"+62".parse().unwrap()));
    assert!(!table.remove(&"+62".parse().unwrap()));
    assert_eq!(table.of(&to("+62811")), amount("1"));
}

#[test]
fn bounds() {
    let fits = prices("0.0001", &[("+62", "1000000000")]);
    assert_eq!(fits.check(), Ok(()));
    for wrong in ["-1", "1000000000.0001"] {
        let error = prices("1", &[("+62", wrong)]).check().unwrap_err();
        assert_eq!(error, PricesError::OutOfRange(amount(wrong)));
        assert!(matches!(prices(wrong, &[]).check(), Err(PricesError::OutOfRange(_))));
    }
    let mut many = prices("1", &[]);
    let price = |n: usize| Price { prefix: format!("+1{n}").parse().unwrap(), price: amount("1") };
    many.prefixes = (0..MOST_PRICES).map(price).collect();
    assert_eq!(many.check(), Ok(()));
    many.prefixes.push(price(MOST_PRICES));
    assert_eq!(many.check(), Err(PricesError::TooMany(MOST_PRICES + 1)));
    let twice = Prices { prefixes: vec![price(1), price(1)], ..prices("1", &[]) };
    assert_eq!(twice.check(), Err(PricesError::Twice("+11".parse().unwrap())));
    for currency in ["a b", "\u{7}", "<b>", "\u{202e}RDI", "rupiahrup"] {
        let wrong = Prices { currency: currency.to_owned(), ..prices("1", &[]) };
        assert_eq!(wrong.check(), Err(PricesError::Currency), "{currency}");
    }
    assert_eq!(Prices { currency: "IDR".to_owned(), ..fits }.check(), Ok(()));
}

proptest! {
    /// The price is that of a prefix that fits, and no longer one fits; or none fits.
    #[test]
    fn no_longer_prefix_fits(
        number in "\\+?[1-9][0-9]{2,14}",
        prefixes in proptest::collection::vec("\\+?[0-9]{1,4}", 0..40),
    ) {
        let Ok(number) = PhoneNumber::parse(&number) else { return Ok(()) };
        let mut table = prices("0", &[]);
        for (n, prefix) in prefixes.iter().enumerate() {
            let price = Amount::from_ten_thousandths(i64::try_from(n + 1).unwrap());
            table.set(prefix.parse().unwrap(), price);
        }
        let fits = |prefix: &Prefix| {
            number.digits().starts_with(prefix.digits())
                && (number.is_international() || !prefix.is_international())
        };
        let longest = table.prefixes.iter().filter(|one| fits(&one.prefix));
        let longest = longest.map(|one| one.prefix.digits().len()).max();
        let price = table.of(&number);
        match table.prefixes.iter().find(|one| one.price == price) {
            None => prop_assert_eq!(longest, None),
            Some(one) => {
                prop_assert!(fits(&one.prefix));
                prop_assert_eq!(Some(one.prefix.digits().len()), longest);
            }
        }
    }
}
