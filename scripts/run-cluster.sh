#!/bin/sh
# Starts Ray with two replicas of the engine, Redis, two web processes and nginx on this machine, and
# restarts what ends. Serves on http://HOST:PORT (127.0.0.1:8000) until Ctrl-C. Data, logs and tokens
# are in CLUSTER_DIR (var/cluster), which only its owner can enter. The engines are those of
# SERVE_CONFIG (cluster/serve.yaml). Further ports: ENGINE_PORT (8100), REDIS_PORT (8101) and WEB_PORT
# (8102). RAY_DIR is the folder of Ray's own files.
set -eu

BIN=$(cd "${VENV:-.venv}/bin" && pwd)
HOST=${HOST:-127.0.0.1}
PORT=${PORT:-8000}
mkdir -p "${CLUSTER_DIR:=var/cluster}"
CLUSTER_DIR=$(cd "$CLUSTER_DIR" && pwd)
chmod 700 "$CLUSTER_DIR"
SERVE_CONFIG=${SERVE_CONFIG:-cluster/serve.yaml}
ENGINE_PORT=${ENGINE_PORT:-8100}
REDIS_PORT=${REDIS_PORT:-8101}
WEB_PORT=${WEB_PORT:-8102}
RAY_DIR=${RAY_DIR:-/tmp/tokenwheel-ray} # a short path: it has sockets
TRANSFORMERS_CACHE=${TRANSFORMERS_CACHE:-$PWD/var/models}

# A token of this installation in a file of its own, made at the first start.
token() {
    (umask 077 && [ -s "$CLUSTER_DIR/$1" ] || openssl rand -hex 32 >"$CLUSTER_DIR/$1")
    cat "$CLUSTER_DIR/$1"
}
RAY_AUTH_MODE=token
RAY_AUTH_TOKEN=$(token ray_token)
WHEEL_ENGINE_TOKEN=$(token engine_token)
WHEEL_ENGINE_URL=http://127.0.0.1:$ENGINE_PORT
REDIS_PASSWORD=$(token redis_password)
CACHE_URL=redis://:$REDIS_PASSWORD@127.0.0.1:$REDIS_PORT/0
TRUSTED_PROXIES=127.0.0.1
TOKENWHEEL_DATA_DIR=${TOKENWHEEL_DATA_DIR:-$CLUSTER_DIR/data}

# Not on a command line, which every user of this machine can read.
(umask 077 && cat >"$CLUSTER_DIR/redis.conf") <<EOF
bind 127.0.0.1
port $REDIS_PORT
dir "$CLUSTER_DIR"
requirepass $REDIS_PASSWORD
save ""
appendonly yes
appendfsync always
maxmemory-policy noeviction
EOF

export BIN HOST PORT CLUSTER_DIR SERVE_CONFIG ENGINE_PORT REDIS_PORT WEB_PORT RAY_DIR
export TRANSFORMERS_CACHE RAY_AUTH_MODE RAY_AUTH_TOKEN WHEEL_ENGINE_TOKEN WHEEL_ENGINE_URL
export CACHE_URL TRUSTED_PROXIES TOKENWHEEL_DATA_DIR

# The replicas need the weights, the web processes the tokenizer: both are in the same folder here.
env WHEEL_ENGINE_URL= "$BIN/python" manage.py prepare
mkdir -p "$CLUSTER_DIR/nginx"
sed -e "s|CLUSTER_DIR|$CLUSTER_DIR|g; s|WEB_PORT|$WEB_PORT|; s|HOST:PORT|$HOST:$PORT|" \
    cluster/nginx.conf >"$CLUSTER_DIR/nginx.conf"
echo "Token Wheel will be at http://$HOST:$PORT"
exec env HOST=127.0.0.1 "$BIN/supervisord" -c cluster/supervisord.conf
