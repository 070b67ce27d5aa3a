#!/bin/sh
# install.sh BUILDROOT UNITDIR SYSUSERSDIR TMPFILESDIR: install the files other than the program itself.
# Called in the built tree by both specs, so that both packages have the same ones.
set -eu
root=$1 units=$2 sysusers=$3 tmpfiles=$4
here=packaging/rpm

install -d -m 0750 "$root/etc/fthg/keys" "$root/var/lib/fthg" "$root/var/log/fthg"
install -D -m 0640 etc/jobs.yaml "$root/etc/fthg/jobs.yaml"
install -D -m 0644 $here/fthg.logrotate "$root/etc/logrotate.d/fthg"
install -D -m 0644 $here/systemd/fthg@.service "$root$units/fthg@.service"
install -D -m 0644 $here/systemd/fthg-track@.service "$root$units/fthg-track@.service"
install -D -m 0644 $here/systemd/fthg-track@.timer "$root$units/fthg-track@.timer"
install -D -m 0644 $here/fthg.tmpfiles "$root$tmpfiles/fthg.conf"
install -D -m 0644 $here/fthg.sysusers "$root$sysusers/fthg.conf"
install -D -m 0644 build/completion.bash "$root/usr/share/bash-completion/completions/fthg"
install -D -m 0644 build/completion.zsh "$root/usr/share/zsh/site-functions/_fthg"
install -D -m 0644 build/completion.fish "$root/usr/share/fish/vendor_completions.d/fthg.fish"
install -D -m 0644 build/fthg.schema.json "$root/usr/share/fthg/fthg.schema.json"
install -D -m 0644 build/man/fthg.1 "$root/usr/share/man/man1/fthg.1"
install -D -m 0644 build/man/fthg.yaml.5 "$root/usr/share/man/man5/fthg.yaml.5"
gzip -9n "$root"/usr/share/man/man?/*
