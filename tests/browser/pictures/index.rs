//! The page that shows all pictures side by side.

use std::fmt::Write as _;

const HEAD: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Pages of Merpati</title>
<style>
  body { font: 15px sans-serif; margin: 1rem; background: #888; }
  nav { columns: 12rem; }
  section { display: flex; gap: 1rem; align-items: start; overflow-x: auto; padding: .5rem 0; }
  figure { margin: 0; flex: none; }
  img { display: block; max-height: 60rem; max-width: 36rem; }
  a { color: inherit; }
</style>
<h1>Pages of Merpati</h1>
";

/// The page for pictures of these names.
pub(super) fn page(names: &[&str]) -> String {
    let mut page = HEAD.to_owned();
    page.push_str("<nav>\n");
    for name in names {
        let _ = writeln!(page, "<div><a href=\"#{name}\">{name}</a></div>");
    }
    page.push_str("</nav>\n");
    for name in names {
        let _ = writeln!(page, "<h2 id=\"{name}\">{name}</h2>\n<section>");
        for language in ["en", "id"] {
            for kind in ["desktop", "phone"] {
                for light in ["light", "dark"] {
                    let file = format!("{name}.{kind}.{light}.{language}.png");
                    let _ = writeln!(
                        page,
                        "<figure><a href=\"{file}\"><img src=\"{file}\" loading=\"lazy\" alt=\"\"></a>\
                         <figcaption>{language}, {kind}, {light}</figcaption></figure>"
                    );
                }
            }
        }
        page.push_str("</section>\n");
    }
    page
}
