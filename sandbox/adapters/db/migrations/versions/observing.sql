CREATE TABLE checkup (
    concern TEXT NOT NULL,
    at VARCHAR(27) NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (concern)
)

CREATE TABLE log_wish (
    cell TEXT NOT NULL,
    wished_at VARCHAR(27) NOT NULL,
    kept_at VARCHAR(27),
    trouble TEXT NOT NULL,
    PRIMARY KEY (cell),
    CONSTRAINT fk_log_wish_cell FOREIGN KEY(cell) REFERENCES cell (id)
)
