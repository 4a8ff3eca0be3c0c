#include "service/state/engines/open_store.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "service/state/postgresql/connection_target.h"
#include "service/state/postgresql/postgresql_store.h"
#include "service/state/sqlite/sqlite_store.h"

namespace logexport {

absl::StatusOr<std::unique_ptr<Store>> OpenStore(const StoreOptions& options, Clock& clock) {
  absl::string_view rest = options.url;
  if (absl::ConsumePrefix(&rest, "sqlite:")) return OpenSqliteStore(rest, options, clock);
  if (NamesPostgresql(options.url)) return OpenPostgresqlStore(options, clock);
  // The message does not quote the URL, which may hold a password.
  return absl::InvalidArgumentError(absl::StrCat(
      "'", options.url.substr(0, options.url.find_first_of(":=")),
      "' is no kind of state store; use sqlite:PATH or postgresql://USER@HOST/DATABASE"));
}

bool IsSharedStore(absl::string_view url) { return NamesPostgresql(url); }

std::string ShownStoreUrl(absl::string_view url) {
  if (!NamesPostgresql(url)) return std::string(url);
  const absl::StatusOr<ConnectionTarget> target = ConnectionTarget::Parse(std::string(url));
  return target.ok() ? target->shown() : "postgresql:…";
}

}  // namespace logexport
