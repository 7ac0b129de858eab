# syntax=docker/dockerfile:1.7
# Stream Manager on slim Debian, for amd64 and arm64:
#   docker build -t stream-manager .
#   docker run -p 127.0.0.1:4200:4200 -p 127.0.0.1:4201:4201 --read-only --tmpfs /tmp --cap-drop ALL \
#     --security-opt no-new-privileges --ulimit rtprio=3 -v stream-manager:/var/lib/stream-manager stream-manager
# README.md says what of this was tried. Tags move: for builds that can be repeated, name the digests, which
#   docker buildx imagetools inspect debian:12-slim
# prints, as FROM debian:12-slim@sha256:...

FROM rust:1.95-slim-bookworm AS build
# The packages are BUILD_PACKAGES of scripts/packages.sh.
# Debian's stable release changes a version only to mend it, and takes the old one away: a pinned version would not be found.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev pkg-config libclang-dev \
    libavcodec-dev libavformat-dev libavutil-dev libswscale-dev libswresample-dev libx264-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# Dependencies stay built in the cache of target/, which is not part of the image: what is wanted is copied out of it.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --locked --release --package stream-manager \
 && install -D --mode=0755 target/release/stream-manager /out/stream-manager \
 && strip --strip-debug /out/stream-manager

FROM debian:12-slim
# The libraries are those the program names itself (readelf -d), with what Debian says they need; the fonts are FONT_PACKAGES
# of scripts/packages.sh. Root certificates are in the program.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends libavcodec59 libavformat59 libavutil57 libx264-164 libgcc-s1 \
    fonts-inter fonts-dejavu-core fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji \
 && rm -rf /var/lib/apt/lists/* \
 && install -d --owner=10001 --group=10001 --mode=0700 /var/lib/stream-manager
COPY --from=build /out/stream-manager /usr/local/bin/stream-manager
COPY LICENSE /usr/share/doc/stream-manager/LICENSE

# Reachable from outside the container, therefore never without a token: with no API_TOKENS one is made in DATA_DIR/admin-token.
ENV BIND=0.0.0.0 \
    OPS_BIND=0.0.0.0 \
    DATA_DIR=/var/lib/stream-manager \
    NODE_ENV=production
# By number, so that Kubernetes can see that it is not root.
USER 10001:10001
WORKDIR /var/lib/stream-manager
# The one place that is written to; the rest may be read-only.
VOLUME /var/lib/stream-manager
EXPOSE 4200 4201 4290 4291
# Ends within five seconds of it. The program handles its signals itself and starts no other: it needs no init.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 CMD ["stream-manager", "health"]
LABEL org.opencontainers.image.title="Stream Manager" \
      org.opencontainers.image.description="A headless live studio in one process" \
      org.opencontainers.image.licenses="MIT AND GPL-2.0-or-later" \
      org.opencontainers.image.base.name="docker.io/library/debian:12-slim"
ENTRYPOINT ["stream-manager"]
CMD ["serve"]
