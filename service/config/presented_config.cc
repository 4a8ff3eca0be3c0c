#include "service/config/presented_config.h"

#include <string>

#include <google/protobuf/message.h>

#include "service/config/schema.h"
#include "service/config/secret_source.h"

namespace logexport {

void MaskSecrets(v1::ExporterConfig* config) {
  for (const ConfigField& field : ConfigFields()) {
    if (!field.secret || !IsSet(*config, field)) continue;
    if (ParseSecretSource(TextOf(*config, field)).reference()) continue;
    google::protobuf::Message* holder = MutableHolder(field, config);
    holder->GetReflection()->SetString(holder, &field.descriptor(), std::string(kMaskedSecret));
  }
}

v1::ExporterConfig PresentedConfig(const v1::ExporterConfig& stored) {
  v1::ExporterConfig config = WithDefaults(stored);
  config.clear_start_from();
  MaskSecrets(&config);
  return config;
}

}  // namespace logexport
