#!/usr/bin/env bash
# Build the documentation site into dist/site: the Markdown files of the repository, at their own
# paths so that their links hold, and the manual pages. Called by ./dev docs; needs mkdocs, mandoc.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
sources=dist/site-sources

page() { # page MANUAL: as Markdown; its headings are mkdocs' own, for contents and search
    printf '# %s\n\n' "$(basename "$1")"
    mandoc -T html -O fragment "$1" | sed -E \
        -e '/^<table class="(head|foot)">/,/^<\/table>/d' \
        -e '/^<\/?(section|div)( class="[^"]*")?>$/d' \
        -e 's|^<h1 class="Sh" id="([^"]*)"><a [^>]*>(.*)</a></h1>$|\n## \2 { #\1 }\n|' \
        -e 's|^<h2 class="Ss" id="([^"]*)"><a [^>]*>(.*)</a></h2>$|\n### \2 { #\1 }\n|'
}

rm -rf "$sources"
mkdir -p "$sources/manual"
cp --parents -r ./*.md docs bench/RESULTS.md packaging/rpm/README.md packaging/examples "$sources"
manual=$(mktemp -d)
trap 'rm -rf "$manual"' EXIT
python -m man "$manual"
for file in "$manual"/*; do
    page "$file" > "$sources/manual/$(basename "$file").md"
done
mkdocs build --strict --quiet --config-file packaging/site/mkdocs.yml
echo "The site is in dist/site: open dist/site/index.html"
