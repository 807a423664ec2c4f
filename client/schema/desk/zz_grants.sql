-- Who may call what. The name of this file makes it the last to run. Everything else in this schema is called by these functions only; deciding about a right is
-- open_access's work, a grant only keeps out those who could have none.
GRANT USAGE ON SCHEMA desk
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_admin, patronctl_job, patronctl_auditor;

GRANT EXECUTE ON FUNCTION
  desk.open_access(text, text, text, jsonb),
  desk.may(text),
  desk.list_settings(text),
  desk.names(text)
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_admin, patronctl_job, patronctl_auditor;

GRANT EXECUTE ON FUNCTION
  desk.find_patrons(bigint),
  desk.show_patron(bigint, boolean),
  desk.check_debt(bigint),
  desk.check_applicant(bigint, text, text, date),
  desk.show_item(bigint)
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support;

GRANT EXECUTE ON FUNCTION
  desk.check_debts(bigint, boolean)
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_job;

GRANT EXECUTE ON FUNCTION
  desk.anonymize_history(bigint, date, boolean, boolean, boolean),
  desk.preview_reset(bigint),
  desk.reset_password(bigint, text)
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer;

GRANT EXECUTE ON FUNCTION
  desk.show_history(bigint),
  desk.show_last_borrower(bigint)
  TO patronctl_supervisor, patronctl_officer;

GRANT EXECUTE ON FUNCTION
  desk.export_page(bigint, text, bigint, integer)
  TO patronctl_officer;

GRANT EXECUTE ON FUNCTION
  desk.list_accesses(bigint, text, bigint, text, text, timestamptz, timestamptz, integer)
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_auditor;

GRANT EXECUTE ON FUNCTION
  desk.show_access(bigint)
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_auditor;

GRANT EXECUTE ON FUNCTION
  desk.set_setting(bigint, text, text, text),
  desk.add_staff(bigint, text, text, text, date),
  desk.list_staff(bigint)
  TO patronctl_admin;

GRANT EXECUTE ON FUNCTION
  desk.status(bigint)
  TO patronctl_support, patronctl_admin, patronctl_job, patronctl_auditor;
