#include "service/control/config_change.h"

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/config/loaded_config.h"
#include "service/config/message_namespace.h"
#include "service/config/noted_changes.h"
#include "service/config/resolved_settings.h"
#include "service/config/serialization.h"

namespace logexport {
absl::StatusOr<ConfigVersion> StoreConfigChange(Transaction& tx,
                                                const ControlEnvironment& environment,
                                                const ConfigVersion& current,
                                                const ConfigChange& change, const Audit& audit) {
  ASSIGN_OR_RETURN(ExporterRecord exporter, tx.GetExporter(change.exporter));
  ConfigVersion next = current;
  if (!change.changed_fields.empty()) {
    next.config = SerializeConfig(change.config);
    next.changed_fields = change.changed_fields;
    next.created = environment.clock.Now();
    next.audit = audit;
    next.rollback_of = change.rollback_of;
    ASSIGN_OR_RETURN(next.version, tx.AddConfigVersion(next, current.version));
    ASSIGN_OR_RETURN(exporter, tx.GetExporter(change.exporter));
    NoteChangedFields(change.changed_fields, next.created, &exporter);
    RETURN_IF_ERROR(tx.UpdateExporter(exporter));
  }
  ASSIGN_OR_RETURN(const v1::ExporterConfig stored, ParseStoredConfig(current.config));
  // The namespace stays when a key is rotated. Another endpoint de-duplicates by itself, so it gets
  // ids of its own.
  if (!SameEventDestination(stored, change.config) || change.new_message_namespace) {
    ASSIGN_OR_RETURN(ExporterSettings settings,
                     LoadSettings(exporter, next, 0, environment.secrets));
    // A namespace that was asked for must differ from every earlier one with the same settings.
    if (change.new_message_namespace) {
      absl::StrAppend(&settings.exporter, "@", exporter.message_namespace);
    }
    ASSIGN_OR_RETURN(const std::string fresh, NewMessageNamespace(settings));
    ASSIGN_OR_RETURN(exporter, tx.GetExporter(change.exporter));
    exporter.message_namespace = fresh;
    RETURN_IF_ERROR(tx.UpdateExporter(exporter));
  }
  return next;
}

}  // namespace logexport
