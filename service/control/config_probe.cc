#include "service/control/config_probe.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "service/control/api_error.h"
#include "service/export/failure.h"

namespace logexport {
namespace {

constexpr absl::Duration kProbeTime = absl::Seconds(20);

v1::Probe MakeProbe(absl::string_view name, v1::ProbeState state, absl::string_view message) {
  v1::Probe probe;
  probe.set_name(std::string(name));
  probe.set_state(state);
  probe.set_message(std::string(message));
  return probe;
}

v1::Probe FromStatus(absl::string_view name, const absl::Status& status, v1::ProbeState good,
                     absl::string_view good_message) {
  if (status.ok()) return MakeProbe(name, good, good_message);
  const Failure failure = FailureOf(status);
  return MakeProbe(
      name, v1::PROBE_STATE_FAILED,
      absl::StrCat(failure.message, failure.action.empty() ? "" : ". ", failure.action));
}

// Adds a probe for each part, also for those that were not tried.
void AddAuth0Probes(const std::vector<SourceProbe>& tried, bool with_users,
                    std::vector<v1::Probe>* probes) {
  using Part = SourceProbe::Part;
  struct Known {
    Part part;
    absl::string_view name;
    absl::string_view good;
  };
  constexpr Known kKnown[] = {{Part::kToken, "auth0.token", "Auth0 gives a token"},
                              {Part::kLogs, "auth0.logs", "logs may be read"},
                              {Part::kUsers, "auth0.users", "users may be read"}};
  for (const Known& known : kKnown) {
    const auto found = std::find_if(tried.begin(), tried.end(), [&](const SourceProbe& probe) {
      return probe.part == known.part;
    });
    if (found != tried.end()) {
      probes->push_back(FromStatus(known.name, found->status, v1::PROBE_STATE_PASSED, known.good));
      continue;
    }
    const bool needed = known.part != Part::kUsers || with_users;
    probes->push_back(MakeProbe(known.name, v1::PROBE_STATE_SKIPPED,
                                needed ? "needs a token" : "profiles are not enabled"));
  }
}

v1::Probe ProbeChannel(const ExporterSettings& settings, NotificationChannel channel,
                       TestMessages messages, const Notifiers& notifiers,
                       const CallLimits& limits) {
  const absl::string_view name = NotificationChannelName(channel);
  const NotificationSettings& told = settings.notifications;
  const Notifier::Receiver receiver = ReceiverOf(told, channel);
  const std::string& problem =
      channel == NotificationChannel::kSlack ? told.slack.problem : told.webhook.problem;
  if (!problem.empty()) return MakeProbe(name, v1::PROBE_STATE_FAILED, problem);
  if (receiver.url.empty()) {
    return MakeProbe(name, v1::PROBE_STATE_SKIPPED, "no webhook is configured");
  }
  if (messages == TestMessages::kSkip) {
    return MakeProbe(name, v1::PROBE_STATE_SKIPPED,
                     "a webhook is configured; no message was sent, since that was not asked for");
  }
  Notifier& notifier = notifiers.Of(channel);
  const Notifier::Outcome delivery = notifier.Deliver(
      receiver,
      notifier.Test(settings.exporter, {told.tenant, told.destination, notifiers.member},
                    Audit{"configuration probe", true, ""}),
      limits.stop);
  return MakeProbe(
      name,
      delivery.result == Notifier::Result::kSent ? v1::PROBE_STATE_PASSED : v1::PROBE_STATE_FAILED,
      delivery.answer);
}

}  // namespace

std::vector<v1::Probe> ProbeSettings(const ExporterSettings& settings, TestMessages messages,
                                     ComponentFactory& factory, const Notifiers& notifiers,
                                     Clock& clock, const CallLimits& limits) {
  std::vector<v1::Probe> probes;
  const absl::StatusOr<std::shared_ptr<ExporterComponents>> components = factory.Make(settings);
  if (!components.ok()) {
    return {FromStatus("auth0.logs", components.status(), v1::PROBE_STATE_PASSED, "")};
  }
  CallContext context;
  context.stop = limits.stop;
  context.lane = RunLane::kSide;
  context.deadline = std::min(clock.Monotonic() + kProbeTime, limits.deadline);
  AddAuth0Probes((*components)->source->Probe(context), settings.profile.enabled, &probes);
  probes.push_back(FromStatus(
      "segment.reachable", (*components)->sink->Probe(context), v1::PROBE_STATE_WARNING,
      "the endpoint answers; Segment accepts wrong write keys too, so look for the first events in "
      "its debugger"));
  probes.push_back(
      ProbeChannel(settings, NotificationChannel::kSlack, messages, notifiers, limits));
  const WebhookSettings& webhook = settings.notifications.webhook;
  if (!webhook.url.empty() || !webhook.problem.empty()) {
    probes.push_back(
        ProbeChannel(settings, NotificationChannel::kWebhook, messages, notifiers, limits));
  }
  return probes;
}

absl::Status ProbesPassed(const std::vector<v1::Probe>& probes, const CallLimits& limits) {
  ApiError error;
  for (const v1::Probe& probe : probes) {
    if (probe.state() != v1::PROBE_STATE_FAILED) continue;
    absl::StrAppend(&error.message, error.message.empty() ? "" : "; ", probe.name(), ": ",
                    probe.message());
    error.metadata[probe.name()] = probe.message();
  }
  if (error.message.empty()) return absl::OkStatus();
  if (limits.stop.stop_requested()) return ShuttingDown();
  error.code = absl::StatusCode::kFailedPrecondition;
  error.reason = "PROBE_FAILED";
  error.precondition = {"PROBE_FAILED", "config", error.message};
  return MakeApiError(error);
}

}  // namespace logexport
