#include "tests/chaos/commit_history.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

namespace logexport {
namespace {

constexpr char kBegin[] = R"sql(
CREATE SCHEMA history;
CREATE TABLE history.changes (
  n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at TIMESTAMPTZ NOT NULL, exporter TEXT NOT NULL,
  version_before BIGINT NOT NULL, version BIGINT NOT NULL, epoch_before BIGINT NOT NULL,
  epoch BIGINT NOT NULL, owner_before TEXT NOT NULL, owner TEXT NOT NULL, by_run TEXT NOT NULL,
  run_epoch BIGINT, run_member TEXT, run_state TEXT, owner_name TEXT
);
CREATE FUNCTION history.write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO history.changes (at, exporter, version_before, version, epoch_before, epoch,
    owner_before, owner, by_run, run_epoch, run_member, run_state, owner_name)
  SELECT clock_timestamp(), new.exporter, old.version, new.version, old.fence_epoch, new.fence_epoch,
    old.owner, new.owner, CASE WHEN new.version > old.version THEN new.run_id ELSE '' END,
    r.epoch, r.member, r.state, m.name
  FROM (SELECT 1) one
  LEFT JOIN public.runs r ON r.exporter = new.exporter AND r.run_id = new.run_id
  LEFT JOIN public.members m ON m.member_id = new.owner;
  RETURN NULL;
END $$;
CREATE TRIGGER history AFTER UPDATE ON public.checkpoints FOR EACH ROW
  EXECUTE FUNCTION history.write();
)sql";

struct Rule {
  const char* what;
  const char* broken_by;  // rows of what follows
};

// `c` are the changes, with the one before of the same exporter.
constexpr Rule kRules[] = {
    {"a version follows the one before",
     "before_n IS NOT NULL AND (version_before <> last_version OR epoch_before <> last_epoch)"},
    {"a version is the one before or the next",
     "version NOT IN (version_before, version_before + 1)"},
    {"epochs only grow", "epoch < epoch_before"},
    {"who takes an exporter does so in a new epoch",
     "owner <> owner_before AND owner <> '' AND epoch = epoch_before"},
    {"a run commits in its own epoch", "by_run <> '' AND run_epoch IS DISTINCT FROM epoch"},
    {"a run commits while its member owns the exporter",
     "by_run <> '' AND run_member IS DISTINCT FROM owner_name"},
    {"a run commits before its end", "by_run <> '' AND run_state IS DISTINCT FROM 'RUNNING'"},
};

}  // namespace

void CommitHistory::Begin(const Query& query) { query(kBegin); }

void CommitHistory::ExpectOneChain(const Query& query) {
  for (const Rule& rule : kRules) {
    const std::string broken = query(absl::StrCat(
        "SELECT string_agg(to_jsonb(c)::text, '\n') FROM (SELECT *, "
        "lag(n) OVER exporters AS before_n, lag(version) OVER exporters AS last_version, "
        "lag(epoch) OVER exporters AS last_epoch FROM history.changes "
        "WINDOW exporters AS (PARTITION BY exporter ORDER BY n)) c WHERE ",
        rule.broken_by));
    EXPECT_EQ(broken, "") << rule.what;
  }
}

std::int64_t CommitHistory::Commits(const Query& query) {
  std::int64_t commits = 0;
  EXPECT_TRUE(
      absl::SimpleAtoi(query("SELECT count(*) FROM history.changes WHERE by_run <> ''"), &commits));
  return commits;
}

}  // namespace logexport
