#include "tests/sandbox/sandbox_flags.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <CLI/CLI.hpp>

#include "service/base/time_text.h"

namespace logexport::sandbox {
namespace {

constexpr std::size_t kDefaultLogs = 10'000;

// A flag whose text has to be read further and which may be repeated. `read` returns an error
// message, or nothing.
template <typename Read>
CLI::Option* AddTexts(CLI::App* app, const std::string& name, const std::string& help,
                      const std::string& shape, Read read) {
  return app
      ->add_option_function<std::vector<std::string>>(
          name,
          [name, read](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) {
              if (const std::string error = read(text); !error.empty()) {
                throw CLI::ValidationError(name, error);
              }
            }
          },
          help)
      ->type_name(shape)
      ->allow_extra_args(false);
}

template <typename Read>
void AddText(CLI::App* app, const std::string& name, const std::string& help,
             const std::string& shape, Read read) {
  AddTexts(app, name, help, shape, read)->expected(1);
}

void AddDuration(CLI::App* app, const std::string& name, const std::string& help,
                 absl::Duration* to) {
  AddText(app, name, absl::StrCat(help, " [", absl::FormatDuration(*to), "]"), "DURATION",
          [to](const std::string& text) -> std::string {
            return absl::ParseDuration(text, to) ? "" : "must be like 500ms, 90s or 24h";
          });
}

void AddRateLimit(CLI::App* app, const std::string& name, const std::string& help, RateLimit* to) {
  AddText(app, name, help, "BURST/RATE", [to](const std::string& text) -> std::string {
    const absl::StatusOr<RateLimit> limit = ParseRateLimit(text);
    if (limit.ok()) {
      *to = *limit;
    }
    return std::string(limit.status().message());
  });
}

void AddListenFlags(CLI::App* app, CommandLine* line) {
  Listener::Options* const listen = &line->options.listen;
  AddText(app, "--listen", "Address to listen on; port 0 picks a free one [127.0.0.1:0]",
          "HOST:PORT", [listen](const std::string& text) -> std::string {
            const std::pair<std::string, std::string> parts = absl::StrSplit(text, ':');
            listen->host = parts.first;
            const bool ok = absl::SimpleAtoi(parts.second, &listen->port) && listen->port >= 0 &&
                            listen->port <= 65535;
            return ok ? "" : "must be like 127.0.0.1:8080";
          });
  app->add_option("--port-file", line->port_file, "Write the port to this file when it serves");
  app->add_flag("--exit-with-stdin", line->exit_with_stdin,
                "Stop when standard input ends, so that it ends with the program that started it");
  app->add_option("--tls-cert", listen->tls_certificate, "Serve HTTPS with this certificate (PEM)");
  app->add_option("--tls-key", listen->tls_key, "Key of the certificate (PEM)");
}

void AddLogFlags(CLI::App* app, CommandLine* line) {
  SandboxOptions* const options = &line->options;
  app->add_option(
      "--logs", line->logs_file,
      "Serve these logs, one JSON object a line; of several with one id only the first");
  app->add_option("--generate", options->generate,
                  absl::StrCat("Make up this many logs [", kDefaultLogs, " without --logs]"));
  AddText(app, "--start-time", "Time of the first made-up log [so that the last is 1m old]",
          "RFC3339", [options](const std::string& text) -> std::string {
            options->start_time = ParseTimestamp(text);
            return options->start_time ? "" : "must be like 2026-11-23T00:00:00Z";
          });
  AddDuration(app, "--span", "Time over which the made-up logs are spread", &options->span);
  app->add_option("--live-rate", options->live_rate, "Further logs a second while it runs")
      ->check(CLI::NonNegativeNumber);
  app->add_option("--users", options->users, "Users of the tenant [one for every 20 logs]");
  app->add_option("--deleted-users-every", options->deleted_users_every,
                  "One user in this many has been deleted and has no profile; 0: none")
      ->capture_default_str();
  app->add_option("--seed", options->generator.seed, "Seed of everything made up")
      ->capture_default_str();
  app->add_option("--odd-rate", options->generator.odd_rate,
                  "Share of made-up logs that have rare shapes")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  app->add_option("--late-rate", options->generator.late_rate,
                  "Share of made-up logs that become visible late")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  AddDuration(app, "--late-by", "Most that a log becomes visible late",
              &options->generator.late_by);
}

void AddAuth0Flags(CLI::App* app, CommandLine* line) {
  Auth0Options* const auth0 = &line->options.auth0;
  app->add_option("--domain", auth0->domain, "Tenant domain")->capture_default_str();
  app->add_option("--audience", auth0->audience, "Audience [https://DOMAIN/api/v2/]");
  app->add_option("--client-id", auth0->client_id, "Client id")->capture_default_str();
  app->add_option("--client-secret", auth0->client_secret, "Client secret")->capture_default_str();
  AddText(app, "--scopes", "Scopes granted, separated by commas [read:logs,read:users]", "LIST",
          [auth0](const std::string& text) -> std::string {
            auth0->scopes = absl::StrSplit(text, ',', absl::SkipEmpty());
            return "";
          });
  AddDuration(app, "--token-ttl", "Lifetime of access tokens", &auth0->token_lifetime);
  AddRateLimit(app, "--rate-limit",
               "Rate limit of the Management API, like 50/16 (a burst of 50, then 16 a second) or "
               "10/100m [off]",
               &auth0->rate_limit);
  AddRateLimit(app, "--logs-rate-limit", "A further limit for reads of logs [none]",
               &auth0->logs_rate_limit);
  AddRateLimit(app, "--users-rate-limit", "A further limit for reads of users [none]",
               &auth0->users_rate_limit);
}

void AddSegmentFlags(CLI::App* app, CommandLine* line) {
  SegmentOptions* const segment = &line->options.segment;
  app->add_option("--write-key", segment->write_key, "Segment write key")->capture_default_str();
  AddText(app, "--segment-mode", "segment or rudderstack [segment]", "MODE",
          [segment](const std::string& text) -> std::string {
            segment->rudderstack = text == "rudderstack";
            return text == "segment" || segment->rudderstack ? ""
                                                             : "must be segment or rudderstack";
          });
  app->add_flag("--strict", segment->strict,
                "Refuse with 400 what Segment would drop or change without an error");
  app->add_option("--max-batch-bytes", segment->max_batch_bytes, "Larger batches get 400")
      ->capture_default_str();
  app->add_option("--max-event-bytes", segment->max_event_bytes, "Larger events get 400")
      ->capture_default_str();
  app->add_flag_callback(
      "--no-store-events", [segment] { segment->store_events = false; },
      "Keep only hashes of the accepted events, for benchmarks");
}

void AddFaultFlags(CLI::App* app, CommandLine* line) {
  AddDuration(app, "--clock-offset", "Time added to the clock of the host",
              &line->options.clock_offset);
  AddTexts(app, "--latency",
           "Delay the answers of an endpoint by milliseconds, like logs=50; may be repeated",
           "ENDPOINT=MS", [line](const std::string& text) -> std::string {
             const std::pair<std::string, std::string> parts = absl::StrSplit(text, '=');
             const std::optional<EndpointSet> endpoints = EndpointSet::FromName(parts.first);
             double milliseconds = 0;
             if (!endpoints || !absl::SimpleAtod(parts.second, &milliseconds) || milliseconds < 0) {
               return "must be like logs=50, of token, logs, log, users, segment, slack, all";
             }
             line->faults.latency.emplace_back(*endpoints, absl::Milliseconds(milliseconds));
             return "";
           });
  AddTexts(app, "--fault",
           R"(A fault, like '{"endpoint":"segment","action":"status","status":503,"every":10}';)"
           " a rule as POST /_sandbox/faults takes it; may be repeated",
           "JSON", [line](const std::string& text) -> std::string {
             absl::StatusOr<FaultPlan> plan = ParseFaultPlan(text);
             if (!plan.ok()) {
               return std::string(plan.status().message());
             }
             if (plan->rules.empty()) {
               return "must hold an action";
             }
             line->faults.rules.insert(line->faults.rules.end(), plan->rules.begin(),
                                       plan->rules.end());
             return "";
           });
}

}  // namespace

CommandLine ParseCommandLine(int argc, char** argv) {
  CommandLine line;
  CLI::App app(
      "Simulates Auth0, Segment and Slack on one port. A SIMULATOR: no data leaves this machine.\n"
      "GET /_sandbox/stats shows what it has served and accepted.");
  AddListenFlags(&app, &line);
  AddLogFlags(&app, &line);
  AddAuth0Flags(&app, &line);
  AddSegmentFlags(&app, &line);
  AddFaultFlags(&app, &line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  if (line.logs_file.empty() && app.count("--generate") == 0) {
    line.options.generate = kDefaultLogs;
  }
  return line;
}

}  // namespace logexport::sandbox
