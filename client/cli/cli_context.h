#ifndef LOGEXPORT_CLIENT_CLI_CLI_CONTEXT_H_
#define LOGEXPORT_CLIENT_CLI_CLI_CONTEXT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "client/cli/command_line.h"
#include "client/cli/terminal.h"
#include "logexport/connection.h"
#include "logexport/diagnosis.h"

namespace logexport::cli {

// Everything the program takes from outside, so that tests can replace it.
struct CliContext {
  std::string program = "logexportctl";
  std::string version;
  absl::string_view descriptor_set;  // see Schema::Create
  std::string service;               // full name, e.g. logexport.v1.LogExportService
  Terminal* terminal = nullptr;
  Environment environment;
  absl::TimeZone zone;  // in which local times are read and shown
  std::function<absl::Time()> now;
  std::function<void(absl::Duration)> sleep;
  std::function<std::string()> new_request_id;
  std::function<absl::StatusOr<std::unique_ptr<client::Connection>>(
      const client::ConnectionOptions&)>
      connect;
  // What is wrong with a connection that could not be made, in one or two sentences; see
  // client::Diagnose.
  std::function<client::Diagnosis(const client::ConnectionOptions&)> diagnose;
  // Opens a URL in the person's browser; false where there is none.
  std::function<bool(const std::string& url)> open_url;
  // Who the person at the keyboard is, USER@HOST; see ConnectionOptions.
  std::string claimed_caller;
};

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_CLI_CONTEXT_H_
