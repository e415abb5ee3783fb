#!/usr/bin/env python3
"""A PostgreSQL and a Redis of this folder's own, for trying a maintenance window out.

    servers.py start DATA.sql   starts both on sockets here: pg/, redis/; makes the database tmi with
                                the data
    servers.py params API       writes window.params.yaml and rollback.params.yaml, for drydock run
                                --params
    servers.py stop             ends them

Started by root, PostgreSQL runs as the user postgres, who must be able to enter this folder. Both
end by themselves when the folder is gone.
"""
import glob
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PG, REDIS = os.path.join(HERE, "pg"), os.path.join(HERE, "redis")


def newest(program):
    found = glob.glob("/usr/lib/postgresql/*/bin/" + program)
    version = lambda path: int(path.split("/")[4])
    path = max(found, key=version) if found else shutil.which(program)
    return path or sys.exit("install PostgreSQL: apt-get install postgresql")


def as_server(words, **more):
    """Runs a program of PostgreSQL, which refuses to be root."""
    user = pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else None
    group = pwd.getpwnam("postgres").pw_gid if user is not None else None
    extra = [] if user is not None else None
    return subprocess.Popen(words, cwd="/", user=user, group=group, extra_groups=extra,
                            stdin=subprocess.DEVNULL, **more)


def start_postgres():
    os.mkdir(PG, 0o755)
    if os.geteuid() == 0:
        os.chmod(HERE, 0o711)
        os.chown(PG, pwd.getpwnam("postgres").pw_uid, -1)
    log = open(os.path.join(HERE, "pg.log"), "ab")
    made = as_server([newest("initdb"), "-D", PG + "/data", "-U", "postgres", "-A", "trust", "-E",
                      "UTF8", "--no-sync", "--no-instructions"], stdout=log, stderr=log)
    if made.wait() != 0:
        sys.exit("initdb failed: see pg.log")
    return as_server([newest("postgres"), "-D", PG + "/data", "-k", PG, "-c", "listen_addresses=",
                      "-c", "fsync=off", "-c", "shared_buffers=16MB"],
                     stdout=log, stderr=log, start_new_session=True)


def start_redis():
    os.mkdir(REDIS, 0o700)
    log = open(os.path.join(HERE, "redis.log"), "ab")
    return subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", REDIS + "/sock", "--dir",
                             REDIS, "--save", "", "--repl-diskless-sync-delay", "0"],
                            stdout=log, stderr=log, start_new_session=True)


def wait_for(answers, what):
    for _ in range(600):
        if answers():
            return
        time.sleep(0.05)
    sys.exit(what + " does not answer: see its log")


def sql(database, *more):
    return subprocess.run([newest("psql"), "-h", PG, "-U", "postgres", "-d", database, "-Xq", "-v",
                           "ON_ERROR_STOP=1", *more], capture_output=True, text=True, check=False)


def watch(servers):
    """In the background: ends the servers with the folder."""
    if os.fork() != 0:
        return
    os.setsid()
    while os.path.exists(os.path.join(HERE, "servers.pid")):
        time.sleep(0.5)
    for server in servers:
        # Not ours to wait for: this is a fork of who started them.
        os.kill(server.pid, signal.SIGQUIT if "postgres" in server.args[0] else signal.SIGTERM)
    os._exit(0)


def start(data):
    servers = [start_postgres(), start_redis()]
    with open(os.path.join(HERE, "servers.pid"), "w", encoding="utf-8") as file:
        file.write(" ".join(str(server.pid) for server in servers))
    watch(servers)
    wait_for(lambda: sql("postgres", "-c", "select 1").returncode == 0, "PostgreSQL")
    wait_for(lambda: os.path.exists(REDIS + "/sock"), "Redis")
    roles = "create role tmi_owner login; create role tmi_app login"
    for done in (sql("postgres", "-c", roles),
                 sql("postgres", "-c", "create database tmi owner tmi_owner"),
                 sql("tmi", "-c", "set role tmi_owner", "-f", data)):
        if done.returncode != 0:
            sys.exit(done.stderr)
    os.mkdir(os.path.join(HERE, "etc"))
    print("PostgreSQL and Redis run")


def params(api):
    """What the two runbooks are told of this folder."""
    here = {"api": api, "host": PG, "database": "tmi", "redis": REDIS + "/sock",
            "backups": HERE + "/backups", "manager": HERE + "/control", "deploy": HERE + "/deploy",
            "previous": "v1"}
    window = {"alerts": api + "/health", "data": HERE, "config": HERE + "/etc",
              "checkout": HERE + "/checkout"}
    for name, values in (("window", {**here, **window}), ("rollback", here)):
        with open(os.path.join(HERE, name + ".params.yaml"), "w", encoding="utf-8") as file:
            json.dump(values, file)


def alive(pid):
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"


def stop():
    place = os.path.join(HERE, "servers.pid")
    with open(place, encoding="utf-8") as file:
        pids = [int(word) for word in file.read().split()]
    os.unlink(place)
    wait_for(lambda: not any(alive(pid) for pid in pids), "the end of a server")
    print("PostgreSQL and Redis have ended")


if __name__ == "__main__":
    if sys.argv[1:2] == ["start"] and len(sys.argv) == 3:
        start(sys.argv[2])
    elif sys.argv[1:2] == ["params"] and len(sys.argv) == 3:
        params(sys.argv[2])
    elif sys.argv[1:] == ["stop"]:
        stop()
    else:
        print(__doc__.strip())
