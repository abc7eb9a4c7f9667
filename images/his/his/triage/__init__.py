"""The triage and queue desk 分诊叫号: check in, vital signs, triage level, call, pass over, queue again, room board."""
