"""The IT desk 信息科 and what heads ask of it: accounts, role templates, dictionaries, the audit. No chart content."""
