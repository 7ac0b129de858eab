# Sourced by the other scripts: what the system must have, and how it gets there.
# Only Debian is installed by itself and tried. For the others, these lists are a beginning, NOT TRIED:
#   Alpine: build-base pkgconf clang-dev ffmpeg-dev x264-dev font-inter font-dejavu font-noto font-noto-cjk font-noto-emoji
#           tests: nginx nginx-mod-rtmp nginx-mod-stream ffmpeg chromium openssl curl python3 redis
#   macOS:  brew install pkgconf ffmpeg x264; brew install --cask font-inter font-dejavu font-noto-sans font-noto-color-emoji

# To compile and link.
BUILD_PACKAGES=(gcc libc6-dev pkg-config libclang-dev
  libavcodec-dev libavformat-dev libavutil-dev libswscale-dev libswresample-dev libx264-dev)
# To draw text.
FONT_PACKAGES=(fonts-inter fonts-dejavu-core fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji)
# Real peers for the tests, and what reads the files of deploy/.
TEST_PACKAGES=(nginx libnginx-mod-rtmp libnginx-mod-stream ffmpeg chromium openssl curl python3-venv prometheus redis-server redis-tools systemd
  fonts-ipaexfont-gothic fonts-wqy-microhei)

# Installs those of the named packages that are missing; with none missing, it needs neither root nor the network.
install_packages() {
  local package missing=() as_root=()
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is not Debian: install what corresponds to these packages yourself (lists in scripts/packages.sh):" >&2
    echo "  $*" >&2
    return 0
  fi
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || { echo "Missing: ${missing[*]}. Install them as root, or install sudo." >&2; return 69; }
    as_root=(sudo)
  fi
  echo "Installing ${missing[*]}" >&2
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# Rust itself is nobody's package of the right version: say where it comes from.
need_cargo() {
  [[ -f ${CARGO_HOME:-$HOME/.cargo}/env ]] && . "${CARGO_HOME:-$HOME/.cargo}/env"
  command -v cargo >/dev/null && return
  echo "Rust is missing. Install it from https://rustup.rs (1.95 or later), open a new shell and try again." >&2
  return 69
}

# Programs from npm, into a folder of their own: napi-canvas is an HTML canvas, by Skia, that drawings are compared with.
install_node() {
  local folder=target/$1 list=scripts/$1.txt
  cmp -s "$list" "$folder/installed.txt" && return
  # Node.js of another origin brings npm along, and Debian's package of npm would not go with it.
  command -v npm >/dev/null || install_packages nodejs npm
  echo "Installing $list into $folder" >&2
  rm -rf "$folder"
  mkdir -p "$folder"
  xargs npm install --prefix "$folder" --no-save --no-audit --no-fund --ignore-scripts --loglevel=error <"$list" >&2
  cp "$list" "$folder/installed.txt"
}

# Programs from PyPI, into a folder of their own: schemathesis tries the API by its OpenAPI document, moto is an S3 server,
# deploy-tools are for the files of deploy/. Once there, they need no network.
install_python() {
  local folder=target/$1 list=scripts/$1.txt
  cmp -s "$list" "$folder/installed.txt" && return
  echo "Installing $list into $folder" >&2
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: -r "$list"
  cp "$list" "$folder/installed.txt"
}
