#!/usr/bin/env bash
# Starts containerd and the engine if no engine answers; does nothing if one does. Needs root.
# Usage: start.sh [SOCKET [LOG_FOLDER]]. Ends 0 once the engine answers, 1 with the last lines of the log.
set -euo pipefail
socket=${1:-/var/run/docker.sock}
logs=${2:-/var/log/his-sandbox}
containerd_socket=/run/containerd/containerd.sock

says_yes() { # says_yes SOCKET [REQUEST]: somebody listens there, and answers 200 to the request; no client needed
  python3 - "$@" <<'PY' >/dev/null 2>&1
import socket, sys
with socket.socket(socket.AF_UNIX) as engine:
    engine.settimeout(5)
    engine.connect(sys.argv[1])
    if len(sys.argv) > 2:
        engine.sendall(sys.argv[2].encode() + b"\r\n\r\n")
        sys.exit(b" 200 " not in engine.recv(64))
PY
}

answers() { says_yes "$socket" 'GET /_ping HTTP/1.0'; }

detached() { # detached LOG COMMAND…: a daemon that kept our streams would keep the caller's pipe open for ever
  local log=$1
  shift
  setsid --fork "$@" </dev/null >>"$log" 2>&1
}

stale() { # stale PID_FILE NAME: the file is left from before a reboot or kill, and no such process lives
  local pid
  [ -e "$1" ] || return 1
  pid=$(cat "$1" 2>/dev/null || true)
  [ -z "$pid" ] || [ "$(cat "/proc/$pid/comm" 2>/dev/null || true)" != "$2" ]
}

if answers; then exit 0; fi
mkdir -p "$logs"
# A bare root file system has no control groups, and without them the engine cannot limit anything.
if ! grep -q ' cgroup2\? ' /proc/mounts; then mount -t cgroup2 cgroup2 /sys/fs/cgroup; fi

if command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; then
  systemctl start containerd docker </dev/null >>"$logs/engine.log" 2>&1 || true
else
  # containerd is a process of its own: started by dockerd it would outlive a killed dockerd and block the next one.
  says_yes "$containerd_socket" || detached "$logs/containerd.log" containerd
  if stale /var/run/docker.pid dockerd; then rm -f /var/run/docker.pid; fi
  for _ in $(seq 100); do says_yes "$containerd_socket" && break || sleep 0.1; done
  # Cells have no network, so the engine needs neither bridge nor firewall; live-restore keeps them through restarts.
  detached "$logs/dockerd.log" dockerd --host "unix://$socket" --bridge none --iptables=false --live-restore \
    --containerd "$containerd_socket"
fi

for _ in $(seq 300); do
  if answers; then exit 0; fi
  sleep 0.1
done
echo "The container engine did not start; the end of its log / 容器引擎未能启动,日志末尾:" >&2
tail -n 15 "$logs"/*.log >&2
exit 1
