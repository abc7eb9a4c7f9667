CREATE TABLE certificate (
    cell TEXT NOT NULL,
    number INTEGER NOT NULL,
    instance TEXT,
    attempt TEXT,
    begun TEXT NOT NULL,
    isolated BOOLEAN NOT NULL,
    issued_at VARCHAR(27) NOT NULL,
    sha256 TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (cell, number),
    CONSTRAINT ck_certificate_number CHECK (number >= 1),
    CONSTRAINT fk_certificate_cell FOREIGN KEY(cell) REFERENCES cell (id),
    CONSTRAINT ck_certificate_isolated CHECK (isolated IN (0, 1))
)

CREATE TRIGGER certificate_refuses_update BEFORE UPDATE ON certificate BEGIN SELECT RAISE(ABORT, 'certificate is append-only'); END

CREATE TRIGGER certificate_refuses_delete BEFORE DELETE ON certificate BEGIN SELECT RAISE(ABORT, 'certificate is append-only'); END
