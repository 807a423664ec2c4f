-- Run once by the owner of the database, who needs CREATEROLE and no more: roles, schemas, extensions and what PUBLIC
-- loses. Roles belong to the whole server, so those that another database brought are used again.
DO $$
BEGIN
  IF to_regrole('patronctl_owner') IS NULL THEN CREATE ROLE patronctl_owner NOLOGIN; END IF;
  IF to_regrole('patronctl_roles') IS NULL THEN CREATE ROLE patronctl_roles NOLOGIN CREATEROLE; END IF;
  IF to_regrole('patronctl_clerk') IS NULL THEN CREATE ROLE patronctl_clerk NOLOGIN; END IF;
  IF to_regrole('patronctl_supervisor') IS NULL THEN CREATE ROLE patronctl_supervisor NOLOGIN; END IF;
  IF to_regrole('patronctl_officer') IS NULL THEN CREATE ROLE patronctl_officer NOLOGIN; END IF;
  IF to_regrole('patronctl_support') IS NULL THEN CREATE ROLE patronctl_support NOLOGIN; END IF;
  IF to_regrole('patronctl_admin') IS NULL THEN CREATE ROLE patronctl_admin NOLOGIN; END IF;
  IF to_regrole('patronctl_job') IS NULL THEN CREATE ROLE patronctl_job NOLOGIN; END IF;
  IF to_regrole('patronctl_auditor') IS NULL THEN CREATE ROLE patronctl_auditor NOLOGIN; END IF;
  IF to_regrole('patronctl_opac') IS NULL THEN CREATE ROLE patronctl_opac NOLOGIN; END IF;
  -- A database has no fixed name to write here.
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO patronctl_clerk, patronctl_supervisor, patronctl_officer, '
    'patronctl_support, patronctl_admin, patronctl_job, patronctl_auditor, patronctl_opac', current_database());
END
$$;

-- On 16 and later even CREATEROLE hands out only what it may administer.
GRANT patronctl_clerk, patronctl_supervisor, patronctl_officer, patronctl_support, patronctl_admin, patronctl_job, patronctl_auditor,
  patronctl_opac
  TO patronctl_owner, patronctl_roles WITH ADMIN OPTION;

GRANT patronctl_owner TO CURRENT_USER;

CREATE SCHEMA IF NOT EXISTS lms AUTHORIZATION patronctl_owner;
CREATE SCHEMA IF NOT EXISTS patronctl AUTHORIZATION patronctl_owner;
CREATE SCHEMA IF NOT EXISTS desk AUTHORIZATION patronctl_owner;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA lms;
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA lms;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- The global form: with IN SCHEMA it would take nothing away from PUBLIC.
ALTER DEFAULT PRIVILEGES FOR ROLE patronctl_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

SET LOCAL ROLE patronctl_owner;

-- One row, which also is the lock that lets one upgrade or import work at a time.
CREATE TABLE IF NOT EXISTS patronctl.installation (
  singleton      boolean PRIMARY KEY DEFAULT TRUE CHECK (singleton),
  installed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  functions_hash text, -- of the files that made the functions
  clock_offset   interval NOT NULL DEFAULT '0'
);
INSERT INTO patronctl.installation DEFAULT VALUES ON CONFLICT DO NOTHING;

-- Which migrations were applied.
CREATE TABLE IF NOT EXISTS patronctl.version (
  schema_name text NOT NULL,
  version     bigint NOT NULL,
  applied_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (schema_name, version)
);

-- The owner of the database may look at the versions and take the lock without the rights of the tool's owner.
GRANT USAGE ON SCHEMA patronctl TO SESSION_USER;
GRANT SELECT, UPDATE ON patronctl.installation TO SESSION_USER;
GRANT SELECT ON patronctl.version TO SESSION_USER;

RESET ROLE;
REVOKE patronctl_owner FROM CURRENT_USER;
