CREATE TEMP TABLE kept_person_role AS SELECT * FROM person_role

DROP TABLE person_role

CREATE TABLE person_role (
    person TEXT NOT NULL,
    role VARCHAR(16) NOT NULL,
    PRIMARY KEY (person, role),
    CONSTRAINT fk_person_role_person FOREIGN KEY(person) REFERENCES person (id),
    CONSTRAINT ck_person_role CHECK (role IN ('trainee', 'trainer', 'it', 'robot'))
)

INSERT INTO person_role SELECT * FROM kept_person_role

DROP TABLE kept_person_role

CREATE TABLE rehearsal (
    id TEXT NOT NULL,
    begun_at VARCHAR(27) NOT NULL,
    seats INTEGER NOT NULL,
    actor TEXT NOT NULL,
    machine TEXT NOT NULL,
    figures TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_rehearsal_seats CHECK (seats >= 1)
)

CREATE INDEX ix_rehearsal_begun_at ON rehearsal (begun_at)

CREATE TRIGGER rehearsal_refuses_update BEFORE UPDATE ON rehearsal BEGIN SELECT RAISE(ABORT, 'rehearsal is append-only'); END

CREATE TRIGGER rehearsal_refuses_delete BEFORE DELETE ON rehearsal BEGIN SELECT RAISE(ABORT, 'rehearsal is append-only'); END
