-- The hospital's one schema. Gradable tables carry the columns of sandbox.contract.state, reference tables those of
-- sandbox.contract.records (a test compares them). A `time` is whole seconds and a `day` whole days from midnight of
-- the anchor, decimals are canonical text.

CREATE TABLE "patient" (
  "id" TEXT PRIMARY KEY,
  "mrn" TEXT,
  "name" TEXT,
  "pinyin_initials" TEXT,
  "sex" TEXT,
  "birth_date" TEXT,
  "id_type" TEXT,
  "id_no" TEXT,
  "phone" TEXT,
  "address" TEXT,
  "insurance_type" TEXT,
  "insurance_no" TEXT,
  "card_no" TEXT,
  "card_insurance" TEXT,
  "same_as" TEXT,
  "status" TEXT NOT NULL,
  "label" TEXT,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "allergy" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "class" TEXT,
  "drug" TEXT,
  "reaction" TEXT,
  "severity" TEXT,
  "source" TEXT,
  "recorded_by" TEXT,
  "recorded_at" INTEGER,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "staff" (
  "id" TEXT PRIMARY KEY,
  "staff_no" TEXT,
  "name" TEXT,
  "role" TEXT,
  "title" TEXT,
  "dept" TEXT,
  "label" TEXT,
  "rx_flags" TEXT,
  "licence_no" TEXT,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "registration" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "encounter" TEXT,
  "dept" TEXT,
  "doctor" TEXT,
  "level" TEXT,
  "visit_date" INTEGER,
  "half_day" TEXT,
  "queue_no" INTEGER,
  "fee" TEXT,
  "source" TEXT,
  "insurance_type" TEXT,
  "paid_at" INTEGER,
  "checked_in_at" INTEGER,
  "turn" INTEGER,
  "room" TEXT,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "appointment" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "doctor" TEXT,
  "dept" TEXT,
  "visit_date" INTEGER,
  "half_day" TEXT,
  "level" TEXT,
  "source" TEXT,
  "registration" TEXT,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "clinic_day" (
  "id" TEXT PRIMARY KEY,
  "doctor" TEXT NOT NULL,
  "dept" TEXT NOT NULL,
  "visit_date" INTEGER NOT NULL,
  "half_day" TEXT NOT NULL,
  "level" TEXT NOT NULL,
  "quota" INTEGER NOT NULL,
  "reason" TEXT,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER,
  CONSTRAINT "one_row_per_clinic_and_day" UNIQUE ("visit_date", "doctor", "dept", "half_day")
);
CREATE TABLE "add_on" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "doctor" TEXT,
  "dept" TEXT,
  "visit_date" INTEGER,
  "half_day" TEXT,
  "authorised_by" TEXT,
  "registration" TEXT,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "encounter" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "registration" TEXT,
  "dept" TEXT,
  "attending" TEXT,
  "started_at" INTEGER,
  "finished_at" INTEGER,
  "triage" TEXT,
  "chief_complaint" TEXT,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "diagnosis" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "encounter" TEXT,
  "code" TEXT,
  "dx_type" TEXT,
  "rank" INTEGER,
  "certainty" TEXT,
  "status" TEXT NOT NULL,
  "added_by" TEXT,
  "added_at" INTEGER,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "medical_record" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "encounter" TEXT,
  "type" TEXT,
  "author" TEXT,
  "complaint" TEXT,
  "present" TEXT,
  "past" TEXT,
  "examination" TEXT,
  "plan" TEXT,
  "signed_at" INTEGER,
  "version_no" INTEGER,
  "countersigner" TEXT,
  "content_sha256" TEXT,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "prescription" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "encounter" TEXT,
  "rx_no" TEXT,
  "type" TEXT,
  "prescriber" TEXT,
  "reviewer" TEXT,
  "picker" TEXT,
  "checker" TEXT,
  "review_reason" TEXT,
  "return_reason" TEXT,
  "valid_until" INTEGER,
  "signed_at" INTEGER,
  "amount" TEXT,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "rx_item" (
  "id" TEXT PRIMARY KEY,
  "prescription" TEXT,
  "patient" TEXT,
  "drug" TEXT,
  "dose" TEXT,
  "dose_unit" TEXT,
  "route" TEXT,
  "freq" TEXT,
  "days" INTEGER,
  "quantity" INTEGER,
  "price" TEXT,
  "amount" TEXT,
  "return_qty" INTEGER NOT NULL DEFAULT 0,
  "returned_qty" INTEGER NOT NULL DEFAULT 0,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER,
  CONSTRAINT "returned_is_part_of_the_line" CHECK ("returned_qty" BETWEEN 0 AND "quantity")
);
CREATE TABLE "charge_item" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "encounter" TEXT,
  "prescription" TEXT,
  "registration" TEXT,
  "lab_request" TEXT,
  "imaging_request" TEXT,
  "item" TEXT,
  "quantity" INTEGER,
  "price" TEXT,
  "amount" TEXT,
  "invoice" TEXT,
  "refund_qty" INTEGER,
  "refund_reason" TEXT,
  "applicant" TEXT,
  "approver" TEXT,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER,
  CONSTRAINT "refunded_is_part_of_the_charge" CHECK ("refund_qty" BETWEEN 0 AND "quantity")
);
CREATE TABLE "lab_request" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "encounter" TEXT,
  "panel" TEXT,
  "specimen_type" TEXT,
  "stat" INTEGER,
  "indication" TEXT,
  "requester" TEXT,
  "requested_at" INTEGER,
  "barcode" TEXT,
  "operator" TEXT,
  "verifier" TEXT,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "imaging_request" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "encounter" TEXT,
  "exam" TEXT,
  "laterality" TEXT,
  "stat" INTEGER,
  "indication" TEXT,
  "screen_pregnancy" TEXT,
  "screen_allergy" TEXT,
  "screen_implant" TEXT,
  "egfr" TEXT,
  "metformin" INTEGER,
  "requester" TEXT,
  "requested_at" INTEGER,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "invoice" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "number" TEXT,
  "channel" TEXT,
  "total" TEXT,
  "cashier" TEXT,
  "issued_at" INTEGER,
  "tendered" TEXT,
  "reverses" TEXT,
  "shift" TEXT,
  "reprints" INTEGER NOT NULL DEFAULT 0,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "cashier_shift" (
  "id" TEXT PRIMARY KEY,
  "cashier" TEXT,
  "opened_at" INTEGER,
  "closed_at" INTEGER,
  "total" TEXT,
  "cash" TEXT,
  "counted" TEXT,
  "difference" TEXT,
  "note" TEXT,
  "reconciler" TEXT,
  "remark" TEXT,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "shift_total" (
  "id" TEXT PRIMARY KEY,
  "shift" TEXT NOT NULL,
  "channel" TEXT NOT NULL,
  "invoices" INTEGER NOT NULL,
  "total" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "price_change" (
  "id" TEXT PRIMARY KEY,
  "drug" TEXT NOT NULL,
  "notice" TEXT NOT NULL,
  "old_price" TEXT NOT NULL,
  "new_price" TEXT NOT NULL,
  "effective_at" INTEGER NOT NULL,
  "reason" TEXT NOT NULL,
  "note" TEXT,
  "issued_by" TEXT,
  "issued_at" INTEGER NOT NULL,
  "second" TEXT,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER,
  CONSTRAINT "a_notice_waits_or_is_in_force" CHECK ("status" IN ('pending', 'in_force'))
);
CREATE TABLE "stock_batch" (
  "id" TEXT PRIMARY KEY,
  "drug" TEXT,
  "batch_no" TEXT,
  "expiry" INTEGER,
  "place" TEXT,
  "location" TEXT,
  "quantity" INTEGER,
  "cost" TEXT,
  "supplier" TEXT,
  "delivery_no" TEXT,
  "origin" TEXT,
  "received_by" TEXT,
  "accepted_by" TEXT,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER,
  CONSTRAINT "stock_is_never_negative" CHECK ("quantity" >= 0)
);
CREATE TABLE "stock_movement" (
  "id" TEXT PRIMARY KEY,
  "batch" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "quantity" INTEGER NOT NULL,
  "prescription" TEXT,
  "reversal_of" TEXT,
  "reason" TEXT,
  "note" TEXT,
  "posted_by" TEXT,
  "second" TEXT,
  "posted_at" INTEGER NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "skin_test" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "encounter" TEXT,
  "prescription" TEXT,
  "drug" TEXT,
  "solution_no" TEXT,
  "begun_at" INTEGER,
  "begun_by" TEXT,
  "result" TEXT,
  "read_at" INTEGER,
  "read_by" TEXT,
  "second" TEXT,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "mail" (
  "id" TEXT PRIMARY KEY,
  "recipient" TEXT,
  "sender_zh" TEXT,
  "sender_en" TEXT,
  "sender_address" TEXT,
  "subject_zh" TEXT,
  "subject_en" TEXT,
  "body_zh" TEXT,
  "body_en" TEXT,
  "link" TEXT,
  "link_zh" TEXT,
  "link_en" TEXT,
  "lure" TEXT,
  "delivered_at" INTEGER,
  "opened_at" INTEGER,
  "followed_at" INTEGER,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "vitals" (
  "id" TEXT PRIMARY KEY,
  "patient" TEXT,
  "encounter" TEXT,
  "temp" TEXT,
  "pulse" INTEGER,
  "resp" INTEGER,
  "sbp" INTEGER,
  "dbp" INTEGER,
  "spo2" INTEGER,
  "pain" INTEGER,
  "height" TEXT,
  "weight" TEXT,
  "gcs" INTEGER,
  "recorded_by" TEXT,
  "recorded_at" INTEGER,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "incident" (
  "id" TEXT PRIMARY KEY,
  "kind" TEXT,
  "text" TEXT,
  "reporter" TEXT,
  "reported_at" INTEGER,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);
CREATE TABLE "his_account" (
  "id" TEXT PRIMARY KEY,
  "staff" TEXT NOT NULL,
  "name" TEXT UNIQUE,
  "roles" TEXT NOT NULL,
  "requester" TEXT,
  "creator" TEXT,
  "requested_at" INTEGER,
  "valid_until" INTEGER,
  "status" TEXT NOT NULL,
  "version" INTEGER NOT NULL DEFAULT 1,
  "created_at" INTEGER,
  "created_by" TEXT,
  "updated_at" INTEGER
);

-- Reference tables: every value text, as in the fixtures.
CREATE TABLE "hospital" (
  "key" TEXT NOT NULL DEFAULT '',
  "value_zh" TEXT NOT NULL DEFAULT '',
  "value_en" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("key")
) WITHOUT ROWID;
CREATE TABLE "roles" (
  "role_code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "group" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("role_code")
) WITHOUT ROWID;
CREATE TABLE "permission" (
  "permission" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "role" TEXT NOT NULL DEFAULT '',
  "scope" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("permission", "role")
) WITHOUT ROWID;
CREATE TABLE "departments" (
  "dept_code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "kind" TEXT NOT NULL DEFAULT '',
  "setting" TEXT NOT NULL DEFAULT '',
  "initials" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("dept_code")
) WITHOUT ROWID;
CREATE TABLE "registration_levels" (
  "code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "fee_code" TEXT NOT NULL DEFAULT '',
  "daily_quota_default" TEXT NOT NULL DEFAULT '',
  "refund_until" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("code")
) WITHOUT ROWID;
CREATE TABLE "fee_items" (
  "fee_code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "category_zh" TEXT NOT NULL DEFAULT '',
  "unit_zh" TEXT NOT NULL DEFAULT '',
  "price_cny" TEXT NOT NULL DEFAULT '',
  "insurance_class" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("fee_code")
) WITHOUT ROWID;
CREATE TABLE "insurance_types" (
  "code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "as_main" TEXT NOT NULL DEFAULT '',
  "sim_outpatient_ratio" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("code")
) WITHOUT ROWID;
CREATE TABLE "code_lists" (
  "list_id" TEXT NOT NULL DEFAULT '',
  "code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("list_id", "code")
) WITHOUT ROWID;
CREATE TABLE "allergy_classes" (
  "class_code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "category" TEXT NOT NULL DEFAULT '',
  "cross_reactivity" TEXT NOT NULL DEFAULT '',
  "initials" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("class_code")
) WITHOUT ROWID;
CREATE TABLE "drugs" (
  "drug_code" TEXT NOT NULL DEFAULT '',
  "generic_zh" TEXT NOT NULL DEFAULT '',
  "generic_en" TEXT NOT NULL DEFAULT '',
  "atc" TEXT NOT NULL DEFAULT '',
  "form_zh" TEXT NOT NULL DEFAULT '',
  "strength" TEXT NOT NULL DEFAULT '',
  "pack_spec" TEXT NOT NULL DEFAULT '',
  "pack_unit_zh" TEXT NOT NULL DEFAULT '',
  "route_code" TEXT NOT NULL DEFAULT '',
  "freq_code" TEXT NOT NULL DEFAULT '',
  "usual_dose" TEXT NOT NULL DEFAULT '',
  "dose_unit" TEXT NOT NULL DEFAULT '',
  "max_daily_dose" TEXT NOT NULL DEFAULT '',
  "allergy_classes" TEXT NOT NULL DEFAULT '',
  "control_class" TEXT NOT NULL DEFAULT '',
  "antibacterial_level" TEXT NOT NULL DEFAULT '',
  "skin_test_required" TEXT NOT NULL DEFAULT '',
  "high_alert" TEXT NOT NULL DEFAULT '',
  "preg_lact_caution" TEXT NOT NULL DEFAULT '',
  "min_age_years" TEXT NOT NULL DEFAULT '',
  "insurance_class" TEXT NOT NULL DEFAULT '',
  "price_cny" TEXT NOT NULL DEFAULT '',
  "storage" TEXT NOT NULL DEFAULT '',
  "note_zh" TEXT NOT NULL DEFAULT '',
  "initials" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("drug_code")
) WITHOUT ROWID;
CREATE TABLE "drug_interactions" (
  "drug_a" TEXT NOT NULL DEFAULT '',
  "drug_b" TEXT NOT NULL DEFAULT '',
  "severity" TEXT NOT NULL DEFAULT '',
  "effect_zh" TEXT NOT NULL DEFAULT '',
  "effect_en" TEXT NOT NULL DEFAULT '',
  "his_action" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("drug_a", "drug_b")
) WITHOUT ROWID;
CREATE TABLE "frequencies" (
  "code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "doses" TEXT NOT NULL DEFAULT '',
  "period_days" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("code")
) WITHOUT ROWID;
CREATE TABLE "routes" (
  "code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "needs_execution_sheet" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("code")
) WITHOUT ROWID;
CREATE TABLE "icd10" (
  "code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "sex_limit" TEXT NOT NULL DEFAULT '',
  "age_min" TEXT NOT NULL DEFAULT '',
  "age_max" TEXT NOT NULL DEFAULT '',
  "dept_code" TEXT NOT NULL DEFAULT '',
  "chronic" TEXT NOT NULL DEFAULT '',
  "initials" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("code")
) WITHOUT ROWID;
CREATE TABLE "control_rules" (
  "control_class" TEXT NOT NULL DEFAULT '',
  "form" TEXT NOT NULL DEFAULT '',
  "rx_type" TEXT NOT NULL DEFAULT '',
  "max_days" TEXT NOT NULL DEFAULT '',
  "max_doses" TEXT NOT NULL DEFAULT '',
  "kept_years" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("control_class", "form")
) WITHOUT ROWID;
CREATE TABLE "lab_panels" (
  "panel_code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "specimen_code" TEXT NOT NULL DEFAULT '',
  "price_cny" TEXT NOT NULL DEFAULT '',
  "tat_routine_min" TEXT NOT NULL DEFAULT '',
  "tat_stat_min" TEXT NOT NULL DEFAULT '',
  "exec_dept" TEXT NOT NULL DEFAULT '',
  "fasting" TEXT NOT NULL DEFAULT '',
  "initials" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("panel_code")
) WITHOUT ROWID;
CREATE TABLE "specimen_types" (
  "code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "container_zh" TEXT NOT NULL DEFAULT '',
  "cap_colour" TEXT NOT NULL DEFAULT '',
  "additive" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("code")
) WITHOUT ROWID;
CREATE TABLE "imaging_exams" (
  "exam_code" TEXT NOT NULL DEFAULT '',
  "modality" TEXT NOT NULL DEFAULT '',
  "body_part_zh" TEXT NOT NULL DEFAULT '',
  "side_required" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "contrast" TEXT NOT NULL DEFAULT '',
  "price_cny" TEXT NOT NULL DEFAULT '',
  "tat_min" TEXT NOT NULL DEFAULT '',
  "exec_dept" TEXT NOT NULL DEFAULT '',
  "prep_or_contraindication_zh" TEXT NOT NULL DEFAULT '',
  "initials" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("exam_code")
) WITHOUT ROWID;
CREATE TABLE "record_templates" (
  "key" TEXT NOT NULL DEFAULT '',
  "dept_code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "complaint" TEXT NOT NULL DEFAULT '',
  "present" TEXT NOT NULL DEFAULT '',
  "past" TEXT NOT NULL DEFAULT '',
  "examination" TEXT NOT NULL DEFAULT '',
  "plan" TEXT NOT NULL DEFAULT '',
  "complaint_en" TEXT NOT NULL DEFAULT '',
  "present_en" TEXT NOT NULL DEFAULT '',
  "past_en" TEXT NOT NULL DEFAULT '',
  "examination_en" TEXT NOT NULL DEFAULT '',
  "plan_en" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("key")
) WITHOUT ROWID;
CREATE TABLE "schedule" (
  "doctor" TEXT NOT NULL DEFAULT '',
  "dept" TEXT NOT NULL DEFAULT '',
  "half_day" TEXT NOT NULL DEFAULT '',
  "level" TEXT NOT NULL DEFAULT '',
  "quota" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("doctor", "dept", "half_day")
) WITHOUT ROWID;
CREATE TABLE "vital_signs" (
  "code" TEXT NOT NULL DEFAULT '',
  "rank" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  "unit_zh" TEXT NOT NULL DEFAULT '',
  "unit_en" TEXT NOT NULL DEFAULT '',
  "decimals" TEXT NOT NULL DEFAULT '',
  "min" TEXT NOT NULL DEFAULT '',
  "max" TEXT NOT NULL DEFAULT '',
  "low" TEXT NOT NULL DEFAULT '',
  "high" TEXT NOT NULL DEFAULT '',
  "triage" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("code")
) WITHOUT ROWID;
CREATE TABLE "rooms" (
  "room" TEXT NOT NULL DEFAULT '',
  "dept_code" TEXT NOT NULL DEFAULT '',
  "name_zh" TEXT NOT NULL DEFAULT '',
  "name_en" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("room")
) WITHOUT ROWID;
CREATE TABLE "pinyin" (
  "han" TEXT NOT NULL DEFAULT '',
  "initial" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("han")
) WITHOUT ROWID;
CREATE TABLE "limits" (
  "key" TEXT NOT NULL DEFAULT '',
  "value" TEXT NOT NULL DEFAULT '',
  "unit" TEXT NOT NULL DEFAULT '',
  "note_zh" TEXT NOT NULL DEFAULT '',
  "note_en" TEXT NOT NULL DEFAULT '',
  PRIMARY KEY ("key")
) WITHOUT ROWID;

-- What belongs to the hospital's own running and is not graded.
CREATE TABLE "reservation" (
  "prescription" TEXT NOT NULL,
  "rx_item" TEXT NOT NULL,
  "batch" TEXT NOT NULL,
  "quantity" INTEGER NOT NULL CHECK ("quantity" > 0),
  PRIMARY KEY ("prescription", "rx_item", "batch")
) WITHOUT ROWID;
CREATE TABLE "moved_by_merge" (
  "patient" TEXT NOT NULL,
  "table" TEXT NOT NULL,
  "row" TEXT NOT NULL,
  PRIMARY KEY ("patient", "table", "row")
) WITHOUT ROWID;
CREATE TABLE "filled_by_merge" (
  "patient" TEXT NOT NULL,
  "column" TEXT NOT NULL,
  PRIMARY KEY ("patient", "column")
) WITHOUT ROWID;
CREATE TABLE "record_version" (
  "medical_record" TEXT NOT NULL,
  "place" INTEGER NOT NULL,
  "version_no" INTEGER NOT NULL,
  "event" TEXT NOT NULL,
  "signer" TEXT NOT NULL,
  "signed_at" INTEGER NOT NULL,
  "reason" TEXT NOT NULL,
  "complaint" TEXT NOT NULL,
  "present" TEXT NOT NULL,
  "past" TEXT NOT NULL,
  "examination" TEXT NOT NULL,
  "plan" TEXT NOT NULL,
  "content_sha256" TEXT NOT NULL,
  PRIMARY KEY ("medical_record", "place")
) WITHOUT ROWID;
CREATE TABLE "invoice_book" (
  "first" INTEGER PRIMARY KEY,
  "last" INTEGER NOT NULL,
  "next" INTEGER NOT NULL,
  "staff" TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE "glass_broken" (
  "staff" TEXT NOT NULL,
  "patient" TEXT NOT NULL,
  "at" INTEGER NOT NULL,
  PRIMARY KEY ("staff", "patient")
) WITHOUT ROWID;
CREATE TABLE "message" (
  "id" TEXT PRIMARY KEY,
  "from_zh" TEXT NOT NULL,
  "from_en" TEXT NOT NULL,
  "zh" TEXT NOT NULL,
  "en" TEXT NOT NULL,
  "at" INTEGER NOT NULL,
  "read_at" INTEGER
);
CREATE TABLE "answer" (
  "check" TEXT PRIMARY KEY,
  "value" TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE "sequence" (
  "name" TEXT PRIMARY KEY,
  "last" INTEGER NOT NULL
) WITHOUT ROWID;

-- People at the keyboard: what logs in. Whether it may is the state of the `his_account` of the same name.
CREATE TABLE "account" (
  "name" TEXT PRIMARY KEY,
  "seat" TEXT UNIQUE,
  "staff" TEXT NOT NULL,
  "password" TEXT,
  "agreement" TEXT NOT NULL DEFAULT '' CHECK ("agreement" IN ('', 'due', 'signed')),
  "settled" INTEGER NOT NULL DEFAULT 0, -- a scripted run takes the seat to have logged in before
  "failures" INTEGER NOT NULL DEFAULT 0,
  "locked_at" INTEGER
) WITHOUT ROWID;
CREATE TABLE "terminal" (
  "token" TEXT PRIMARY KEY,
  "number" INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE "http_session" (
  "token" TEXT PRIMARY KEY,
  "account" TEXT,
  "screen_locked" INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE "http_session_account" (
  "token" TEXT NOT NULL,
  "account" TEXT NOT NULL,
  PRIMARY KEY ("token", "account")
) WITHOUT ROWID;

-- The cell itself.
CREATE TABLE "meta" (
  "key" TEXT PRIMARY KEY,
  "value" TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE "clock" (
  "id" INTEGER PRIMARY KEY CHECK ("id" = 1),
  "t" INTEGER NOT NULL,
  "jumped" INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE "inject" (
  "id" TEXT PRIMARY KEY,
  "position" INTEGER NOT NULL,
  "due" INTEGER,
  "fired" INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE "binding" (
  "name" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  PRIMARY KEY ("name", "id")
) WITHOUT ROWID;
CREATE TABLE "seen_event" (
  "name" TEXT PRIMARY KEY,
  "seq" INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE "journal" (
  "seq" INTEGER PRIMARY KEY,
  "attempt" TEXT NOT NULL,
  "actor" TEXT NOT NULL,
  "action" TEXT NOT NULL,
  "outcome" TEXT NOT NULL CHECK ("outcome" IN ('ok', 'refused')),
  "code" TEXT,
  "patient" TEXT,
  "encounter" TEXT,
  "target" TEXT,
  "data" TEXT NOT NULL,
  "changes" TEXT NOT NULL,
  "t" INTEGER NOT NULL,
  "at" TEXT NOT NULL,
  "wall" TEXT NOT NULL,
  "prev" TEXT NOT NULL,
  "hash" TEXT NOT NULL
);
CREATE TRIGGER "journal_is_never_changed" BEFORE UPDATE ON "journal"
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER "journal_is_never_cut" BEFORE DELETE ON "journal"
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- No index on a person's name, initials, phone, card or label: a prefix search uses none, and to look through 5000 people
-- takes under a millisecond, while five indices are a tenth of a file that every launch copies.
CREATE UNIQUE INDEX "patient_mrn" ON "patient" ("mrn");
CREATE INDEX "patient_id_no" ON "patient" ("id_no");
CREATE INDEX "patient_merging" ON "patient" ("status") WHERE "status" IN ('merge_candidate', 'merged');
CREATE INDEX "staff_label" ON "staff" ("label");
CREATE INDEX "allergy_patient" ON "allergy" ("patient");
CREATE INDEX "registration_patient" ON "registration" ("patient");
CREATE INDEX "registration_day" ON "registration" ("visit_date", "dept", "status");
CREATE INDEX "registration_called" ON "registration" ("created_at") WHERE "status" = 'called';
CREATE INDEX "registration_unpaid" ON "registration" ("created_at") WHERE "status" = 'unpaid';
CREATE INDEX "appointment_day" ON "appointment" ("visit_date", "doctor", "half_day", "status");
CREATE INDEX "appointment_patient" ON "appointment" ("patient");
CREATE INDEX "encounter_patient" ON "encounter" ("patient");
CREATE INDEX "vitals_encounter" ON "vitals" ("encounter");
CREATE INDEX "diagnosis_encounter" ON "diagnosis" ("encounter");
CREATE INDEX "diagnosis_patient" ON "diagnosis" ("patient");
CREATE INDEX "medical_record_encounter" ON "medical_record" ("encounter");
CREATE INDEX "medical_record_patient" ON "medical_record" ("patient");
CREATE INDEX "medical_record_pending" ON "medical_record" ("updated_at") WHERE "status" = 'pending_countersign';
CREATE INDEX "medical_record_author" ON "medical_record" ("author", "signed_at");
CREATE INDEX "prescription_encounter" ON "prescription" ("encounter");
CREATE INDEX "prescription_patient" ON "prescription" ("patient");
CREATE INDEX "prescription_status" ON "prescription" ("status", "signed_at");
CREATE INDEX "rx_item_prescription" ON "rx_item" ("prescription");
CREATE INDEX "charge_item_patient" ON "charge_item" ("patient", "status");
CREATE INDEX "charge_item_prescription" ON "charge_item" ("prescription");
CREATE INDEX "charge_item_registration" ON "charge_item" ("registration");
CREATE INDEX "charge_item_lab_request" ON "charge_item" ("lab_request") WHERE "lab_request" IS NOT NULL;
CREATE INDEX "charge_item_imaging_request" ON "charge_item" ("imaging_request") WHERE "imaging_request" IS NOT NULL;
CREATE INDEX "lab_request_patient" ON "lab_request" ("patient", "requested_at");
CREATE INDEX "lab_request_encounter" ON "lab_request" ("encounter");
CREATE INDEX "imaging_request_patient" ON "imaging_request" ("patient", "requested_at");
CREATE INDEX "imaging_request_encounter" ON "imaging_request" ("encounter");
CREATE INDEX "charge_item_status" ON "charge_item" ("status");
CREATE INDEX "charge_item_invoice" ON "charge_item" ("invoice");
CREATE INDEX "invoice_patient" ON "invoice" ("patient");
CREATE INDEX "invoice_number" ON "invoice" ("number");
CREATE INDEX "invoice_shift" ON "invoice" ("shift");
CREATE INDEX "cashier_shift_cashier" ON "cashier_shift" ("cashier", "opened_at");
CREATE INDEX "stock_batch_drug" ON "stock_batch" ("drug", "expiry");
CREATE INDEX "stock_batch_status" ON "stock_batch" ("status", "expiry");
CREATE INDEX "stock_movement_batch" ON "stock_movement" ("batch");
CREATE INDEX "stock_movement_reversal" ON "stock_movement" ("reversal_of");
CREATE INDEX "stock_movement_prescription" ON "stock_movement" ("prescription");
CREATE INDEX "skin_test_patient" ON "skin_test" ("patient");
CREATE INDEX "reservation_batch" ON "reservation" ("batch");
CREATE INDEX "his_account_staff" ON "his_account" ("staff");
CREATE INDEX "his_account_status" ON "his_account" ("status", "requested_at");
CREATE INDEX "drug_initials" ON "drugs" ("initials");
CREATE INDEX "icd10_initials" ON "icd10" ("initials");
