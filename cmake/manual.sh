# HELP2MAN PROGRAM PAGE VERSION: the page of manual of a program, with a part for each of its commands.
set -eu
help2man=$1 program=$2 page=$3 version=$4
commands=$("$program" --help | sed -n '/^Subcommands:/,$s/^  \([a-z][a-z-]*\) .*/\1/p')
mkdir -p "$(dirname "$page")"
{
  echo "[commands]"
  for command in $commands; do
    printf '.SS %s\n.nf\n' "$command"
    "$program" "$command" --help | sed -e '/--help  *Print/d' -e 's/\\/\\\\/g' -e 's/^\([.'"'"']\)/\\\&\1/' -e 's/-/\\-/g'
    printf '.fi\n'
  done
  printf '[see also]\nThe documents in /usr/share/doc/interlock.\n'
} >"$page.parts"
summary=$("$program" --help | head -n 1 | sed -e "s/^[A-Z][a-z]*: //" -e "s/\.$//")
"$help2man" --no-info --no-discard-stderr --version-string="$version" --name="$summary" \
  --include="$page.parts" "$program" | gzip -9n >"$page"
rm "$page.parts"
