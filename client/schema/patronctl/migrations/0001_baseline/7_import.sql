-- What the numbers of imported files became. No id: seen, but moved to the anonymous or erased since.
CREATE TABLE patronctl.imported_item    (source bigint PRIMARY KEY, id bigint);
CREATE TABLE patronctl.imported_patron  (source bigint PRIMARY KEY, id bigint);
CREATE TABLE patronctl.imported_loan    (source bigint PRIMARY KEY, id bigint);
CREATE TABLE patronctl.imported_hold    (source bigint PRIMARY KEY, id bigint);
CREATE TABLE patronctl.imported_fee     (source bigint PRIMARY KEY, id bigint);
CREATE TABLE patronctl.imported_payment (source bigint PRIMARY KEY, id bigint);
CREATE TABLE patronctl.imported_block   (source bigint PRIMARY KEY, id bigint);
CREATE INDEX imported_patron_id ON patronctl.imported_patron (id) WHERE id IS NOT NULL;
CREATE INDEX imported_loan_id   ON patronctl.imported_loan (id) WHERE id IS NOT NULL;
CREATE INDEX imported_hold_id   ON patronctl.imported_hold (id) WHERE id IS NOT NULL;
CREATE INDEX imported_fee_id    ON patronctl.imported_fee (id) WHERE id IS NOT NULL;
CREATE INDEX imported_payment_id ON patronctl.imported_payment (id) WHERE id IS NOT NULL;
