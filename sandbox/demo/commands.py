"""What `make demo` calls: prepare, serve, do the main job, keep serving or leave."""

from __future__ import annotations

import os
import signal
import threading

from sandbox.adapters import leaving
from sandbox.demo import draining, main_job, preparing, serving, site
from sandbox.demo.accounts import FILE, PEOPLE
from sandbox.demo.main_job import MainJobError
from sandbox.demo.preparing import Prepared
from sandbox.demo.processes import ProcessEndedError, Supervisor
from sandbox.demo.progress import heading, say
from sandbox.errors import PermanentError, SettingsInvalidError
from sandbox.robot.client import RobotError

LOOK_S = 1.0


class DemoFailedError(PermanentError):
    """The demonstration did not come to its end; the detail says where it stopped."""

    code = "SBX-412"
    zh = "演示未能完成：{reason}"
    en = "The demonstration did not come to its end: {reason}"


def demo(*, once: bool, prepare_only: bool) -> None:
    """Set up, serve, do the main job; then keep serving until interrupted, or with `once` leave."""
    if os.geteuid() != 0:
        raise SettingsInvalidError(problems="make demo 需要 root 或 sudo / needs root or sudo")
    with site.alone():
        _demo(once=once, prepare_only=prepare_only)


def _demo(*, once: bool, prepare_only: bool) -> None:
    heading("HIS Sandbox 医院信息系统模拟练习平台", "setting up")
    prepared = preparing.prepare()
    if prepare_only:
        return
    stopped = _stop_signals()
    supervisor = Supervisor()
    try:
        serving.serve(supervisor, prepared.site, prepared.services.settings)
        outcome = main_job.run(prepared)
        main_job.show(outcome)
        if not once:
            _keep_serving(prepared, supervisor, stopped)
    except (ProcessEndedError, MainJobError, RobotError, TimeoutError) as failed:
        raise DemoFailedError(str(failed), reason=str(failed)) from failed
    finally:
        supervisor.stop()
        draining.drain(prepared.services)


def _stop_signals() -> threading.Event:
    stopped = threading.Event()
    leaving.when_asked((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), stopped.set)
    return stopped


def _keep_serving(prepared: Prepared, supervisor: Supervisor, stopped: threading.Event) -> None:
    heading("平台已就绪，按 Ctrl+C 结束", "Ready; Ctrl+C ends it")
    say(f"  {prepared.site.panel_origin}\n")
    for one in PEOPLE:
        say(f"  {one.role.value:8} {one.login:6} {prepared.passwords[one.login]}  {one.name}")
    say(f"\n  ({FILE})")
    if not prepared.site.separate_accounts:
        say("  服务账号无法读取此目录，门户与网关以 root 运行（仅演示） · service accounts cannot read this folder:")
        say("  panel and gateway run as root, for this demonstration only")
    while not stopped.wait(LOOK_S):
        try:
            supervisor.check()
        except ProcessEndedError as ended:
            say(str(ended))
            raise
