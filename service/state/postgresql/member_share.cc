// What members own: the half of Membership that divides the exporters.

#include <set>
#include <utility>

#include "service/base/status_macros.h"
#include "service/state/postgresql/membership.h"
#include "service/state/run_columns.h"

namespace logexport {
namespace {

std::string IdsToJson(const std::vector<Members::FreeExporter>& exporters) {
  std::vector<std::string> ids;
  for (const Members::FreeExporter& free : exporters) ids.push_back(free.exporter);
  return StringsToJson(ids);
}

std::string LastOwnersToJson(const std::vector<Members::FreeExporter>& exporters) {
  std::set<std::string> owners;
  for (const Members::FreeExporter& free : exporters) owners.insert(free.last_owner);
  return StringsToJson({owners.begin(), owners.end()});
}

}  // namespace

absl::StatusOr<Members::Situation> Membership::Look(int most_free) {
  const std::string me = member_id();
  Situation situation;
  std::map<std::string, std::int64_t, std::less<>> owned;
  MutexLock asking(&asking_);
  RETURN_IF_ERROR(InTransaction(session_, [&]() -> absl::Status {
    RETURN_IF_ERROR(
        session_.Select("SELECT (SELECT count(*) FROM checkpoints), (SELECT count(*) FROM members "
                        "WHERE expires > database_now AND draining = 0)",
                        {}, [&](SqlRow& row) {
                          situation.exporters = row.ReadInt();
                          situation.members = row.ReadInt();
                        }));
    RETURN_IF_ERROR(session_.Select(
        "SELECT exporter, fence_epoch FROM checkpoints WHERE owner = :me", {me}, [&](SqlRow& row) {
          std::string exporter = row.ReadText();
          owned[std::move(exporter)] = row.ReadInt();
        }));
    // A member that expired never comes back, and one that came since this statement began owns
    // nothing that the statement sees: whom it finds dead is dead.
    return session_.Select(
        "SELECT exporter, owner, config_version FROM checkpoints JOIN exporters ON id = exporter "
        "WHERE owner <> :me AND NOT EXISTS (SELECT 1 FROM members WHERE member_id = owner "
        "AND expires > database_now) ORDER BY exporter LIMIT :most",
        {me, most_free}, [&](SqlRow& row) {
          FreeExporter free;
          free.exporter = row.ReadText();
          free.last_owner = row.ReadText();
          free.config_version = row.ReadInt();
          situation.free.push_back(std::move(free));
        });
  }));
  MutexLock lock(&mutex_);
  if (me != member_id_ || lost_) return situation;
  std::erase_if(owned_, [&](const auto& known) { return !owned.contains(known.first); });
  for (const auto& [exporter, epoch] : owned) {
    Owned& known = owned_[exporter];
    if (known.epoch != epoch) known = {epoch, /*left_runs=*/true};
  }
  return situation;
}

absl::StatusOr<std::vector<std::string>> Membership::Take(
    const std::vector<FreeExporter>& exporters) {
  std::vector<std::string> names;
  if (exporters.empty()) return names;
  const std::string me = member_id();
  const std::string ids = IdsToJson(exporters);
  std::map<std::string, Owned> taken;
  MutexLock asking(&asking_);
  RETURN_IF_ERROR(InTransaction(session_, [&]() -> absl::Status {
    // Rows that somebody is taking now are left to him. The owners before are compared with what
    // Look found, and not looked for again: a row that changed hands meanwhile has another one.
    session_.ExpectBulk();
    RETURN_IF_ERROR(session_.Select(
        "UPDATE checkpoints SET owner = :me, fence_epoch = fence_epoch + 1 "
        "WHERE exporter IN (SELECT exporter FROM checkpoints WHERE exporter IN (strings_of(:ids)) "
        "AND owner IN (strings_of(:owners)) ORDER BY exporter FOR UPDATE SKIP LOCKED) "
        "AND EXISTS (SELECT 1 FROM members WHERE member_id = :alive AND expires > database_now) "
        "RETURNING exporter, fence_epoch",
        {me, ids, LastOwnersToJson(exporters), me}, [&](SqlRow& row) {
          std::string exporter = row.ReadText();
          taken[std::move(exporter)] = {row.ReadInt(), /*left_runs=*/false};
        }));
    return session_.Select(
        "SELECT DISTINCT exporter FROM runs "
        "WHERE exporter IN (strings_of(:ids)) AND state = 'RUNNING'",
        {ids}, [&](SqlRow& row) {
          const auto found = taken.find(row.ReadText());
          if (found != taken.end()) found->second.left_runs = true;
        });
  }));
  MutexLock lock(&mutex_);
  if (me != member_id_ || lost_) return names;
  for (const auto& [exporter, owned] : taken) {
    owned_[exporter] = owned;
    names.push_back(exporter);
  }
  return names;
}

absl::StatusOr<std::vector<std::string>> Membership::GiveBack(
    const std::vector<std::string>& exporters, std::int64_t most) {
  std::vector<std::string> given;
  if (exporters.empty()) return given;
  const std::string me = member_id();
  const std::string ids = StringsToJson(exporters);
  MutexLock asking(&asking_);
  RETURN_IF_ERROR(InTransaction(session_, [&]() -> absl::Status {
    // First the locks, then a look at the runs: a run begins under the same lock.
    session_.ExpectBulk();
    RETURN_IF_ERROR(session_.Select(
        "SELECT exporter FROM checkpoints WHERE owner = :me AND exporter IN (strings_of(:ids)) "
        "ORDER BY exporter FOR NO KEY UPDATE SKIP LOCKED",
        {me, ids}, [&](SqlRow& row) { given.push_back(row.ReadText()); }));
    const std::string locked = StringsToJson(given);
    given.clear();
    return session_.Select(
        "UPDATE checkpoints SET owner = '' WHERE exporter IN (SELECT rests.exporter "
        "FROM checkpoints rests WHERE rests.exporter IN (strings_of(:ids)) "
        "AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.exporter = rests.exporter "
        "AND state = 'RUNNING') ORDER BY rests.exporter LIMIT :most) RETURNING exporter",
        {locked, most}, [&](SqlRow& row) { given.push_back(row.ReadText()); });
  }));
  MutexLock lock(&mutex_);
  if (me == member_id_) {
    for (const std::string& exporter : given) owned_.erase(exporter);
  }
  return given;
}

absl::Status Membership::Drain() {
  {
    MutexLock lock(&mutex_);
    draining_ = true;
  }
  const std::string me = member_id();
  MutexLock asking(&asking_);
  return InTransaction(session_, [&] {
    return session_.Execute("UPDATE members SET draining = 1 WHERE member_id = :me", {me}).status();
  });
}

absl::StatusOr<std::vector<MemberRecord>> Membership::ListMembers() {
  std::vector<MemberRecord> members;
  MutexLock asking(&asking_);
  RETURN_IF_ERROR(session_.Select(
      "SELECT member_id, name, version, started, expires, draining, "
      "(SELECT count(*) FROM checkpoints WHERE owner = member_id) AS owned FROM members "
      "WHERE expires > database_now OR EXISTS (SELECT 1 FROM checkpoints WHERE owner = member_id) "
      "ORDER BY started, member_id",
      {}, [&](SqlRow& row) {
        MemberRecord member;
        member.member_id = row.ReadText();
        member.name = row.ReadText();
        member.version = row.ReadText();
        member.since = row.ReadTime();
        member.expires = row.ReadTime();
        member.draining = row.ReadBool();
        member.owned = row.ReadInt();
        members.push_back(std::move(member));
      }));
  return members;
}

}  // namespace logexport
