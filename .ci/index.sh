# Sourced before uv runs: uv does not read pip's settings, so a mirror configured for pip is handed on to it.
if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
  mirror=$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)
  [ -z "$mirror" ] || export UV_DEFAULT_INDEX="$mirror"
fi
