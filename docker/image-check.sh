#!/bin/sh
# Builds the image without a Docker engine and runs it: Debian's debootstrap stands for debian:bookworm-slim, buildah
# (chroot isolation) builds and runs. Needs root, debootstrap and buildah. Shows: it builds, is not root, makes a home on
# a read-only root, answers, ends when told. Cannot show: what an engine's own network, volumes and healthcheck do.
set -eu
cd "$(dirname "$0")/.."
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
work=$(mktemp -d)
trap 'buildah rm -a >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
for tool in debootstrap buildah; do
    command -v "$tool" >/dev/null || { echo "please install: sudo apt-get install debootstrap buildah" >&2; exit 1; }
done
echo "base: debootstrap"
debootstrap --variant=minbase --include=ca-certificates,python3 bookworm "$work/root" ${DEBIAN_MIRROR:-} >"$work/log" 2>&1 \
    || { tail -5 "$work/log" >&2; exit 1; }
for file in ${CLIENT_FILES:-}; do  # this machine's own client configuration, for the build alone
    mkdir -p "$work/root$(dirname "$file")" && cp "$file" "$work/root$file"
done
tar -C "$work/root" -cf "$work/base.tar" .
printf 'FROM scratch\nADD base.tar /\n' >"$work/Dockerfile"
buildah bud -q -t debian:bookworm-slim "$work" >/dev/null
echo "image: build"
buildah bud -q --pull=false -f docker/Dockerfile -t baosong . >/dev/null
name=$(buildah from --pull=false baosong)
echo "image: $(buildah images --format '{{.Size}}' baosong), user $(buildah inspect --format '{{.OCIv1.Config.User}}' "$name")"
buildah run --user 10001 "$name" -- sh -c 'id -u; baosong init >/dev/null && baosong check >/dev/null; baosong --help >/dev/null'
buildah run --user 10001 "$name" -- sh -c '
    (timeout 60 baosong run >/tmp/out 2>&1 & echo $! >/tmp/pid)
    for i in $(seq 40); do
        python3 -c "import urllib.request as u; u.urlopen(\"http://127.0.0.1:8020/live\", timeout=2)" 2>/dev/null && break
        sleep 1
    done
    python3 -c "import urllib.request as u; print(u.urlopen(\"http://127.0.0.1:8020/live\", timeout=2).read().decode())"
    pkill -TERM -f "baosong run" 2>/dev/null || kill -TERM $(cat /tmp/pid); sleep 3; head -3 /tmp/out'
echo "image: well"
