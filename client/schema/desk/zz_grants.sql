-- Who may call what; the last to run. Everything else in this schema is called by these functions only; deciding about a right is
-- open_access's work, a grant only keeps out those who could have none.
GRANT USAGE ON SCHEMA desk
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_admin, patronctl_job, patronctl_auditor, patronctl_opac;

GRANT EXECUTE ON FUNCTION
  desk.open_access(text, text, text, jsonb),
  desk.heads(text[]),
  desk.tree_hashes(integer[], bigint[])
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_admin, patronctl_job, patronctl_auditor, patronctl_opac;

GRANT EXECUTE ON FUNCTION
  desk.may(text),
  desk.set_own_password(bigint, text),
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
  desk.reactivate(bigint, date),
  desk.set_choices(bigint, boolean, text),
  desk.set_special(bigint, text, text, text, text),
  desk.list_consents(bigint),
  desk.count_missing_consents(bigint, text),
  desk.give_consent(bigint, text, text, text, text, text),
  desk.withdraw_consent(bigint, text, text, text),
  desk.list_blocks(bigint),
  desk.place_block(bigint, text, text, text),
  desk.lift_blocks(bigint, text, bigint),
  desk.register_patron(bigint, jsonb, jsonb, jsonb, boolean),
  desk.preview_reset(bigint),
  desk.reset_password(bigint, text),
  desk.open_request(bigint, text, date, text),
  desk.list_requests(bigint, text, boolean),
  desk.show_request(bigint, bigint)
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer;

GRANT EXECUTE ON FUNCTION
  desk.show_history(bigint),
  desk.show_last_borrower(bigint)
  TO patronctl_supervisor, patronctl_officer;

GRANT EXECUTE ON FUNCTION
  desk.export_page(bigint, text, bigint, integer),
  desk.show_special(bigint),
  desk.list_consented(bigint, text)
  TO patronctl_officer;

GRANT EXECUTE ON FUNCTION
  desk.list_accesses(bigint, text, bigint, text, text, timestamptz, timestamptz, integer)
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_auditor;

GRANT EXECUTE ON FUNCTION
  desk.report_month(bigint, date, text),
  desk.report_unusual(bigint, date)
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_auditor;

GRANT EXECUTE ON FUNCTION
  desk.report_subject(bigint)
  TO patronctl_officer, patronctl_auditor;

GRANT EXECUTE ON FUNCTION
  desk.show_access(bigint)
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_auditor;

GRANT EXECUTE ON FUNCTION
  desk.set_setting(bigint, text, text, text),
  desk.add_staff(bigint, text, text, text, date, text, text, text, text, boolean),
  desk.revoke_staff(bigint, text, text, text),
  desk.show_staff(bigint, text),
  desk.disable_staff(bigint, text),
  desk.end_sessions(bigint),
  desk.enable_staff(bigint, text),
  desk.set_staff_password(bigint, text, text),
  desk.list_staff(bigint)
  TO patronctl_admin;

GRANT EXECUTE ON FUNCTION
  desk.list_logins(bigint, boolean, text, timestamptz, bigint),
  desk.status(bigint),
  desk.doctor(bigint, text, jsonb)
  TO patronctl_support, patronctl_admin, patronctl_job, patronctl_auditor;

GRANT EXECUTE ON FUNCTION
  desk.list_rules(bigint, text),
  desk.show_plan(bigint, bigint),
  desk.list_runs(bigint, integer),
  desk.report_anonymity(bigint, text, integer)
  TO patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_job, patronctl_auditor;

GRANT EXECUTE ON FUNCTION
  desk.set_rule(bigint, jsonb),
  desk.enable_rule(bigint, text, text, boolean),
  desk.remove_rule(bigint, text),
  desk.make_plan(bigint, text[]),
  desk.list_plan_items(bigint, bigint, boolean, integer, bigint),
  desk.make_date_plan(bigint, text, text, date),
  desk.make_file_plan(bigint, bigint, text, date, boolean),
  desk.approve_plan(bigint, bigint, text),
  desk.preview_erase(bigint, text[], bigint),
  desk.erase_patron(bigint, text[], bigint),
  desk.pause_request(bigint, bigint, text, date),
  desk.resume_request(bigint, bigint, date),
  desk.extend_request(bigint, bigint, text),
  desk.close_request(bigint, bigint, text, text),
  desk.answer_request(bigint, bigint, text, boolean),
  desk.record_disclosure(bigint, jsonb),
  desk.approve_disclosure(bigint, bigint, text),
  desk.list_disclosures(bigint, text, boolean),
  desk.show_disclosure(bigint, bigint)
  TO patronctl_officer;

GRANT EXECUTE ON FUNCTION
  desk.plan_due(bigint),
  desk.start_run(bigint),
  desk.run_batch(bigint, bigint),
  desk.stop_run(bigint, bigint)
  TO patronctl_officer, patronctl_job;

GRANT EXECUTE ON FUNCTION
  desk.verify_leaves(bigint, bigint, integer, boolean),
  desk.verify_others(bigint),
  desk.find_leaf(bigint)
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_admin, patronctl_job, patronctl_auditor;

GRANT EXECUTE ON FUNCTION
  desk.list_erasures(bigint, text, text, bigint, integer),
  desk.export_ledger(bigint, bigint, integer)
  TO patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_job, patronctl_auditor;

GRANT EXECUTE ON FUNCTION
  desk.replay(bigint, text, text[]),
  desk.show_quarantine(bigint),
  desk.set_quarantine(bigint, boolean),
  desk.collect_logins(bigint),
  desk.seal(bigint, integer),
  desk.recheck_leaves(bigint, bigint, integer),
  desk.recheck_others(bigint, bigint, integer),
  desk.keep_head(bigint, integer, bigint, text, text, bigint)
  TO patronctl_job;

GRANT EXECUTE ON FUNCTION
  desk.plan_scrub(bigint, text),
  desk.scrub_relation(bigint, text),
  desk.finish_scrub(bigint, text)
  TO patronctl_officer, patronctl_admin, patronctl_job;

GRANT EXECUTE ON FUNCTION
  desk.plant_canary(bigint),
  desk.erase_canary(bigint, bigint[])
  TO patronctl_admin, patronctl_job;

GRANT EXECUTE ON FUNCTION
  desk.grant_support(bigint, text, integer),
  desk.revoke_support(bigint, text)
  TO patronctl_officer;

GRANT EXECUTE ON FUNCTION
  desk.fetch_secret(bigint),
  desk.report_check(bigint, boolean),
  desk.change_secret(bigint, text)
  TO patronctl_opac;

GRANT EXECUTE ON FUNCTION
  desk.report_incident(bigint, text, timestamptz, jsonb)
  TO patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_admin;

GRANT EXECUTE ON FUNCTION
  desk.update_incident(bigint, bigint, jsonb),
  desk.close_incident(bigint, bigint),
  desk.acknowledge_incident(bigint, bigint),
  desk.list_incidents(bigint, boolean),
  desk.show_incident(bigint, bigint),
  desk.incident_people(bigint, bigint, text, timestamptz, timestamptz)
  TO patronctl_officer;

GRANT EXECUTE ON FUNCTION
  desk.report_processing(bigint, text),
  desk.report_sharing(bigint, date, date)
  TO patronctl_supervisor, patronctl_officer, patronctl_auditor;
