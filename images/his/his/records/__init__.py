"""The records desk 病案: two records of one person become one, or are told apart."""
