ALTER TABLE paper RENAME TO paper_before

DROP INDEX ix_paper_wanted

CREATE TABLE paper (
    attempt TEXT NOT NULL,
    report TEXT NOT NULL,
    language TEXT NOT NULL,
    audience TEXT NOT NULL,
    state VARCHAR(16) NOT NULL,
    wanted_by TEXT NOT NULL,
    wanted_at VARCHAR(27) NOT NULL,
    made_at VARCHAR(27),
    file TEXT NOT NULL,
    trouble TEXT NOT NULL,
    PRIMARY KEY (attempt, report, language, audience),
    CONSTRAINT ck_paper_language CHECK (language IN ('zh', 'en')),
    CONSTRAINT ck_paper_audience CHECK (audience IN ('trainee', 'trainer')),
    CONSTRAINT ck_paper_file CHECK ((file <> '') = (state = 'made')),
    CONSTRAINT fk_paper_attempt FOREIGN KEY(attempt) REFERENCES attempt (id),
    CONSTRAINT ck_paper_state CHECK (state IN ('wanted', 'made', 'failed'))
)

INSERT INTO paper
SELECT attempt, report, language, audience, state, wanted_by, wanted_at, made_at, file, trouble FROM paper_before

DROP TABLE paper_before

CREATE INDEX ix_paper_wanted ON paper (wanted_at) WHERE state = 'wanted'
