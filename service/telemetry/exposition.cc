#include "service/telemetry/exposition.h"

#include <limits>
#include <sstream>

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace logexport {
namespace {

prometheus::ClientMetric MetricWith(std::initializer_list<MetricLabel> labels) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : labels) {
    // An empty label is the same as none.
    if (!value.empty()) metric.label.push_back({std::string(name), std::string(value)});
  }
  return metric;
}

}  // namespace

struct Exposition::Families {
  std::vector<prometheus::MetricFamily> all;

  void Add(absl::string_view name, absl::string_view help, prometheus::MetricType type) {
    prometheus::MetricFamily family;
    family.name = std::string(name);
    family.help = std::string(help);
    family.type = type;
    all.push_back(std::move(family));
  }
};

Exposition::Exposition() : families_(std::make_unique<Families>()) {}
Exposition::~Exposition() = default;

void Exposition::Counter(absl::string_view name, absl::string_view help) {
  families_->Add(name, help, prometheus::MetricType::Counter);
}

void Exposition::Gauge(absl::string_view name, absl::string_view help) {
  families_->Add(name, help, prometheus::MetricType::Gauge);
}

void Exposition::Histogram(absl::string_view name, absl::string_view help) {
  families_->Add(name, help, prometheus::MetricType::Histogram);
}

void Exposition::Value(double value, std::initializer_list<MetricLabel> labels) {
  prometheus::MetricFamily& family = families_->all.back();
  prometheus::ClientMetric metric = MetricWith(labels);
  if (family.type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(std::move(metric));
}

void Exposition::Value(const DurationHistogram& histogram,
                       std::initializer_list<MetricLabel> labels) {
  prometheus::ClientMetric metric = MetricWith(labels);
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) {
    cumulative += static_cast<std::uint64_t>(histogram.count(i));
    const bool last = i == histogram.bounds().size();
    metric.histogram.bucket.push_back(
        {cumulative, last ? std::numeric_limits<double>::infinity() : histogram.bounds()[i]});
  }
  metric.histogram.sample_count = cumulative;
  metric.histogram.sample_sum = histogram.sum_seconds();
  families_->all.back().metric.push_back(std::move(metric));
}

std::string Exposition::Text() const {
  std::vector<prometheus::MetricFamily> shown;
  for (const prometheus::MetricFamily& family : families_->all) {
    if (!family.metric.empty()) shown.push_back(family);
  }
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, shown);
  return std::move(out).str();
}

}  // namespace logexport
