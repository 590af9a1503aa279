"""How what is held is judged: works, rules, findings. Pure; `archive.checklist` is its door."""
