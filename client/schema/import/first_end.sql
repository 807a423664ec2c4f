-- Puts back what first_begin.sql took away; every constraint checks all rows.
CREATE INDEX loan_item ON lms.loan (item, lent_at);
CREATE INDEX loan_active ON lms.loan (patron, authority, due_at) WHERE returned_at IS NULL;
CREATE INDEX named_word ON lms.named (word, surname DESC, patron);
CREATE INDEX imported_loan_id ON patronctl.imported_loan (id) WHERE id IS NOT NULL;
ALTER TABLE lms.item
  ADD CONSTRAINT item_branch_fkey FOREIGN KEY (branch) REFERENCES lms.branch;
ALTER TABLE lms.patron
  ADD CONSTRAINT patron_authority_fkey FOREIGN KEY (authority) REFERENCES lms.authority,
  ADD CONSTRAINT patron_branch_fkey FOREIGN KEY (branch) REFERENCES lms.branch,
  ADD CONSTRAINT patron_category_fkey FOREIGN KEY (category) REFERENCES lms.category,
  ADD CONSTRAINT patron_guardian_patron_fkey FOREIGN KEY (guardian_patron) REFERENCES lms.patron;
ALTER TABLE lms.identity
  ADD CONSTRAINT identity_patron_fkey FOREIGN KEY (patron) REFERENCES lms.patron;
ALTER TABLE lms.address
  ADD CONSTRAINT address_patron_fkey FOREIGN KEY (patron) REFERENCES lms.patron;
ALTER TABLE lms.special
  ADD CONSTRAINT special_patron_fkey FOREIGN KEY (patron) REFERENCES lms.patron;
ALTER TABLE lms.credential
  ADD CONSTRAINT credential_patron_fkey FOREIGN KEY (patron) REFERENCES lms.patron;
ALTER TABLE lms.card
  ADD CONSTRAINT card_patron_fkey FOREIGN KEY (patron) REFERENCES lms.patron;
ALTER TABLE lms.membership
  ADD CONSTRAINT membership_authority_fkey FOREIGN KEY (authority) REFERENCES lms.authority,
  ADD CONSTRAINT membership_patron_fkey FOREIGN KEY (patron) REFERENCES lms.patron;
ALTER TABLE lms.consent
  ADD CONSTRAINT consent_authority_fkey FOREIGN KEY (authority) REFERENCES lms.authority,
  ADD CONSTRAINT consent_patron_fkey FOREIGN KEY (patron) REFERENCES lms.patron;
ALTER TABLE lms.block
  ADD CONSTRAINT block_authority_fkey FOREIGN KEY (authority) REFERENCES lms.authority,
  ADD CONSTRAINT block_patron_fkey FOREIGN KEY (patron) REFERENCES lms.patron;
ALTER TABLE lms.loan
  ADD CONSTRAINT loan_authority_fkey FOREIGN KEY (authority) REFERENCES lms.authority,
  ADD CONSTRAINT loan_branch_fkey FOREIGN KEY (branch) REFERENCES lms.branch,
  ADD CONSTRAINT loan_item_fkey FOREIGN KEY (item) REFERENCES lms.item,
  ADD CONSTRAINT loan_patron_fkey FOREIGN KEY (patron) REFERENCES lms.patron;
ALTER TABLE lms.hold
  ADD CONSTRAINT hold_authority_fkey FOREIGN KEY (authority) REFERENCES lms.authority,
  ADD CONSTRAINT hold_branch_fkey FOREIGN KEY (branch) REFERENCES lms.branch,
  ADD CONSTRAINT hold_item_fkey FOREIGN KEY (item) REFERENCES lms.item,
  ADD CONSTRAINT hold_patron_fkey FOREIGN KEY (patron) REFERENCES lms.patron;
ALTER TABLE lms.fee
  ADD CONSTRAINT fee_authority_fkey FOREIGN KEY (authority) REFERENCES lms.authority,
  ADD CONSTRAINT fee_patron_loan_fkey FOREIGN KEY (patron, loan) REFERENCES lms.loan ON DELETE SET NULL (loan),
  ADD CONSTRAINT fee_patron_fkey FOREIGN KEY (patron) REFERENCES lms.patron;
ALTER TABLE lms.payment
  ADD CONSTRAINT payment_branch_fkey FOREIGN KEY (branch) REFERENCES lms.branch,
  ADD CONSTRAINT payment_paid_by_fkey FOREIGN KEY (paid_by) REFERENCES lms.patron,
  ADD CONSTRAINT payment_patron_fee_fkey FOREIGN KEY (patron, fee) REFERENCES lms.fee,
  ADD CONSTRAINT payment_patron_fkey FOREIGN KEY (patron) REFERENCES lms.patron;
ALTER TABLE lms.named
  ADD CONSTRAINT named_word_fkey FOREIGN KEY (word) REFERENCES lms.word;
