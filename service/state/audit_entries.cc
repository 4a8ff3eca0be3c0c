#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "service/base/status_macros.h"
#include "service/base/utf8.h"
#include "service/json/json_value.h"
#include "service/json/json_writer.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

constexpr absl::string_view kSelect =
    "SELECT sequence, recorded, caller, verified, role, address, way, method, exporter, call_id, "
    "request_id, reason, changes, outcome, error_reason, further_refusals, key_id, previous_hash, "
    "hash FROM audit WHERE ";

std::string ChangesToJson(const std::vector<AuditedChange>& changes) {
  JsonWriter json;
  json.BeginArray();
  for (const AuditedChange& change : changes) {
    json.BeginArray();
    json.String(change.field).String(change.before).String(change.after).EndArray();
  }
  json.EndArray();
  return std::move(json).Take();
}

// What cannot be read is no reason not to read the entry: a check has to tell which one it is. It
// stands as a change that nobody signed.
std::vector<AuditedChange> ChangesFromJson(std::string text) {
  const absl::StatusOr<JsonValue> json = JsonValue::Parse(text);
  std::vector<AuditedChange> changes;
  if (!json.ok() || !json->is_array()) {
    changes.push_back({"", "", std::move(text)});
    return changes;
  }
  for (const JsonValue& item : json->items()) {
    const std::vector<JsonValue>& values = item.items();
    if (values.size() != 3) {
      changes.push_back({"", "", text});
    } else {
      changes.push_back({values[0].String(), values[1].String(), values[2].String()});
    }
  }
  return changes;
}

AuditEntry ReadEntry(SqlRow& row) {
  AuditEntry entry;
  entry.sequence = row.ReadInt();
  entry.time = row.ReadTime();
  entry.caller = row.ReadText();
  entry.verified = row.ReadBool();
  entry.role = row.ReadText();
  entry.address = row.ReadText();
  entry.way = row.ReadText();
  entry.method = row.ReadText();
  entry.exporter = row.ReadText();
  entry.call_id = row.ReadText();
  entry.request_id = row.ReadText();
  entry.reason = row.ReadText();
  entry.changes = ChangesFromJson(row.ReadText());
  entry.outcome = row.ReadName(ParseAuditOutcome);
  entry.error_reason = row.ReadText();
  entry.further_refusals = row.ReadInt();
  entry.key_id = row.ReadText();
  entry.previous_hash = row.ReadText();
  entry.hash = row.ReadText();
  return entry;
}

AuditHead ReadHead(SqlRow& row) {
  const std::int64_t sequence = row.ReadInt();
  return {sequence, row.ReadText()};
}

// Text that every database can hold: UTF-8 without NUL.
std::string Storable(absl::string_view text) {
  return absl::StrReplaceAll(ReplaceInvalidUtf8(text),
                             {{absl::string_view("\0", 1), "\xEF\xBF\xBD"}});
}

// What is signed is what can be read back: whole microseconds and valid text.
AuditEntry AsStored(AuditEntry entry) {
  entry.time = FromStoredTime(ToStoredTime(entry.time));
  for (std::string* const text :
       {&entry.caller, &entry.role, &entry.address, &entry.way, &entry.method, &entry.exporter,
        &entry.call_id, &entry.request_id, &entry.reason, &entry.error_reason}) {
    *text = Storable(*text);
  }
  for (AuditedChange& change : entry.changes) {
    change.field = Storable(change.field);
    change.before = Storable(change.before);
    change.after = Storable(change.after);
  }
  return entry;
}

void AddOneOf(absl::string_view column, const std::vector<std::string>& wanted, std::string* sql,
              std::vector<SqlValue>* values) {
  if (wanted.empty()) return;
  absl::StrAppend(sql, " AND ", column, " IN (");
  for (std::size_t n = 0; n < wanted.size(); ++n) {
    absl::StrAppend(sql, n == 0 ? ":" : ", :", column, "_", n);
    values->push_back(wanted[n]);
  }
  absl::StrAppend(sql, ")");
}

}  // namespace

absl::StatusOr<AuditEntry> SqlTransaction::AddAudit(const AuditEntry& given) {
  RETURN_IF_ERROR(Enter("AddAudit", Mode::kWrite));
  // First, so that writers of other processes wait here: the chain has no branches.
  std::optional<AuditHead> head;
  RETURN_IF_ERROR(session_.Select(
      "UPDATE audit_head SET sequence = sequence + 1 WHERE id = 1 RETURNING sequence, hash", {},
      [&head](SqlRow& row) { head = ReadHead(row); }));
  if (!head.has_value()) return absl::DataLossError("the state store has no head of the audit");
  AuditEntry entry = AsStored(given);
  entry.sequence = head->sequence;
  entry.previous_hash = head->hash;
  const AuditSigner::Signature signature = context_.audit_signer->Sign(SignedText(entry));
  entry.key_id = signature.key_id;
  entry.hash = signature.hash;
  RETURN_IF_ERROR(
      session_
          .Execute("INSERT INTO audit (sequence, recorded, caller, verified, role, address, way, "
                   "method, exporter, call_id, request_id, reason, changes, outcome, error_reason, "
                   "further_refusals, key_id, previous_hash, hash) VALUES (:sequence, :recorded, "
                   ":caller, :verified, :role, :address, :way, :method, :exporter, :call_id, "
                   ":request_id, :reason, :changes, :outcome, :error_reason, :further_refusals, "
                   ":key_id, :previous_hash, :hash)",
                   {entry.sequence, entry.time, entry.caller, entry.verified, entry.role,
                    entry.address, entry.way, entry.method, entry.exporter, entry.call_id,
                    entry.request_id, entry.reason, ChangesToJson(entry.changes),
                    AuditOutcomeName(entry.outcome), entry.error_reason, entry.further_refusals,
                    entry.key_id, entry.previous_hash, entry.hash})
          .status());
  RETURN_IF_ERROR(
      session_.Execute("UPDATE audit_head SET hash = :hash WHERE id = 1", {entry.hash}).status());
  return entry;
}

absl::StatusOr<AuditHead> SqlTransaction::GetAuditHead() {
  RETURN_IF_ERROR(Enter("GetAuditHead", Mode::kRead));
  ASSIGN_OR_RETURN(const std::optional<AuditHead> head,
                   SelectFirst("SELECT sequence, hash FROM audit_head WHERE id = 1", {}, ReadHead));
  return head.value_or(AuditHead());
}

absl::StatusOr<std::vector<AuditEntry>> SqlTransaction::ListAudit(const AuditFilter& filter,
                                                                  const PageRequest& page) {
  RETURN_IF_ERROR(Enter("ListAudit", Mode::kRead));
  std::vector<std::string> outcomes;
  for (const AuditOutcome outcome : filter.outcomes) {
    outcomes.emplace_back(AuditOutcomeName(outcome));
  }
  std::string sql = absl::StrCat(kSelect, "sequence < :before AND sequence > :after");
  std::vector<SqlValue> values = {PageStart(page), filter.after_sequence};
  AddOneOf("exporter", filter.exporters, &sql, &values);
  AddOneOf("method", filter.methods, &sql, &values);
  AddOneOf("caller", filter.callers, &sql, &values);
  AddOneOf("outcome", outcomes, &sql, &values);
  if (filter.from.has_value()) {
    absl::StrAppend(&sql, " AND recorded >= :from");
    values.emplace_back(*filter.from);
  }
  if (filter.to.has_value()) {
    absl::StrAppend(&sql, " AND recorded < :to");
    values.emplace_back(*filter.to);
  }
  absl::StrAppend(&sql, " ORDER BY sequence DESC LIMIT :size");
  values.emplace_back(page.size);
  return SelectAll(sql, values, ReadEntry);
}

absl::StatusOr<std::vector<AuditEntry>> SqlTransaction::AuditFrom(std::int64_t sequence, int size) {
  RETURN_IF_ERROR(Enter("AuditFrom", Mode::kRead));
  return SelectAll(absl::StrCat(kSelect, "sequence >= :sequence ORDER BY sequence LIMIT :size"),
                   {sequence, size}, ReadEntry);
}

absl::StatusOr<std::vector<std::string>> SqlTransaction::AuditKeyIds() {
  RETURN_IF_ERROR(Enter("AuditKeyIds", Mode::kRead));
  // From one id to the next along the index, rather than over all entries.
  std::vector<std::string> ids;
  ASSIGN_OR_RETURN(
      std::optional<std::string> next,
      SelectFirst("SELECT key_id FROM audit ORDER BY key_id LIMIT 1", {}, ReadTextColumn));
  while (next.has_value()) {
    ids.push_back(*next);
    ASSIGN_OR_RETURN(next, SelectFirst("SELECT key_id FROM audit WHERE key_id > :key_id "
                                       "ORDER BY key_id LIMIT 1",
                                       {ids.back()}, ReadTextColumn));
  }
  return ids;
}

absl::StatusOr<PrunedAudit> SqlTransaction::PruneAudit(absl::Time before, int most) {
  RETURN_IF_ERROR(Enter("PruneAudit", Mode::kWrite));
  PrunedAudit pruned;
  // Only ever the oldest ones, even if the clock was set back between: what is left has no gap.
  ASSIGN_OR_RETURN(
      const std::vector<AuditEntry> oldest,
      SelectAll(absl::StrCat(kSelect,
                             "sequence < (SELECT sequence FROM audit_head WHERE id = 1) "
                             "ORDER BY sequence LIMIT :size"),
                {most}, ReadEntry));
  for (const AuditEntry& entry : oldest) {
    if (entry.time >= before) break;
    ++pruned.count;
    pruned.through = {entry.sequence, entry.hash};
  }
  if (pruned.count == 0) return pruned;
  RETURN_IF_ERROR(
      session_.Execute("DELETE FROM audit WHERE sequence <= :sequence", {pruned.through.sequence})
          .status());
  return pruned;
}

}  // namespace logexport
