#include "service/slack/slack_notifier.h"

#include "service/http/redacting_transport.h"
#include "service/slack/run_messages.h"
#include "service/slack/status_messages.h"
#include "service/slack/webhook.h"

namespace logexport {
namespace {

class SlackNotifier final : public Notifier {
 public:
  SlackNotifier(HttpTransport& http, Clock& clock) : http_(http), clock_(clock) {}

  std::string RunFailed(const RunNews& news, bool reminder) const override {
    return RunFailedPayload(news, reminder);
  }
  std::string Recovered(const RunNews& news) const override { return RunRecoveredPayload(news); }
  std::string RunSucceeded(const RunNews& news) const override { return RunSucceededPayload(news); }
  std::string Silence(const SilenceNews& news) const override { return SilencePayload(news); }
  std::string SilenceOver(const SilenceNews& news) const override {
    return SilenceOverPayload(news);
  }
  std::string DailyReport(const DailyNews& news) const override { return DailyReportPayload(news); }
  std::string Test(absl::string_view exporter, const Route& route,
                   const Audit& audit) const override {
    return TestPayload(exporter, route, audit);
  }

  Outcome Deliver(const Receiver& receiver, absl::string_view payload,
                  std::stop_token stop) override {
    return PostToSlack(http_, clock_, receiver.url, payload, stop);
  }

 private:
  RedactingTransport http_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<Notifier> MakeSlackNotifier(HttpTransport& http, Clock& clock) {
  return std::make_unique<SlackNotifier>(http, clock);
}

}  // namespace logexport
