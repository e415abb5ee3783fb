#include "engine/cli/console.h"

#include <exception>

#include "engine/cli/event_words.h"
#include "engine/cli/text.h"
#include "engine/clock.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

std::string_view name_of(execute::LogLevel level) {
    switch (level) {
        case execute::LogLevel::Debug: return "debug";
        case execute::LogLevel::Info: return "info";
        case execute::LogLevel::Warn: return "warn";
        case execute::LogLevel::Error: return "error";
    }
    return "info";
}

// One line per fact, for files and mail: time, position, step, status, seconds, detail.
class PlainConsole final : public RunConsole {
  public:
    PlainConsole(Output& output, const runbook::Bundle& bundle)
        : RunConsole(bundle), output_(output), told_(system_clock().boot()) {}

    void log_line(std::string_view scope, execute::LogLevel level, std::string_view text) override {
        if (level < shown_from(output_)) return;
        output_.line(to_text(system_clock().wall()).substr(0, 19) + "Z  " +
                     std::string(name_of(level)) + "  " + std::string(scope) + ": " +
                     std::string(text));
    }
    // A line now and then, for a log that is read the next morning.
    void progress(std::string_view scope, std::int64_t done, std::int64_t total,
                  std::string_view text) override {
        const Microseconds now = system_clock().boot();
        if (now - told_ < kBetweenProgress) return;
        told_ = now;
        output_.line(to_text(system_clock().wall()).substr(0, 19) + "Z  " + std::string(scope) +
                     "  " + std::to_string(done) +
                     (total > 0 ? "/" + std::to_string(total) : std::string()) + "  " +
                     std::string(text));
    }

  protected:
    void show(const run::Event& event, const run::RunState& state) override {
        const auto words = words_of(event, state, bundle());
        if (!words) return;
        std::string line = to_text(Timestamp{event.time}).substr(0, 19) + "Z  ";
        if (!words->position.empty()) line += words->position + "  ";
        line += words->step.empty() ? words->what : words->step;
        if (!words->status.empty()) line += "  " + words->status;
        if (words->took >= 0) line += "  " + span(words->took);
        if (!words->detail.empty()) line += "  " + fitted(words->detail, 400);
        output_.line(line);
    }

  private:
    static constexpr Microseconds kBetweenProgress{10'000'000};

    Output& output_;
    Microseconds told_;
};

// Everything, for programs.
class JsonConsole final : public RunConsole {
  public:
    JsonConsole(Output& output, const runbook::Bundle& bundle)
        : RunConsole(bundle), output_(output) {}

    void log_line(std::string_view scope, execute::LogLevel level, std::string_view text) override {
        output_.json_line(Value::Map{{"log", text},
                                     {"level", name_of(level)},
                                     {"scope", scope},
                                     {"time", system_clock().wall()}});
    }
    void progress(std::string_view scope, std::int64_t done, std::int64_t total,
                  std::string_view text) override {
        output_.json_line(
            Value::Map{{"progress", text}, {"scope", scope}, {"done", done}, {"total", total}});
    }

  protected:
    void show(const run::Event& event, const run::RunState&) override {
        output_.json_line(to_map(event));
    }

  private:
    Output& output_;
};

class QuietConsole final : public RunConsole {
  public:
    explicit QuietConsole(const runbook::Bundle& bundle) : RunConsole(bundle) {}
    void log_line(std::string_view, execute::LogLevel, std::string_view) override {}
    void progress(std::string_view, std::int64_t, std::int64_t, std::string_view) override {}

  protected:
    void show(const run::Event&, const run::RunState&) override {}
};

}  // namespace

execute::LogLevel shown_from(const Output& output) {
    if (output.verbose() > 1) return execute::LogLevel::Debug;
    return output.verbose() == 1 ? execute::LogLevel::Info : execute::LogLevel::Warn;
}

void RunConsole::committed(const run::Event& event, const run::RunState& state) {
    try {
        show(event, state);
        const bool stands = std::holds_alternative<run::RunSuspended>(event.payload) ||
                            std::holds_alternative<run::RunEnded>(event.payload);
        if (stands)
            report_ = report_on(
                {.state = state, .bundle = bundle_, .owner = std::nullopt, .now = event.time});
    } catch (const std::exception&) {
        // What cannot be shown is in the journal; the run goes on.
    }
}

std::unique_ptr<RunConsole> make_console(Output& output, const runbook::Bundle& bundle) {
    if (output.json()) return std::make_unique<JsonConsole>(output, bundle);
    if (output.quiet()) return std::make_unique<QuietConsole>(bundle);
    if (output.live()) return make_live_console(output, bundle);
    return std::make_unique<PlainConsole>(output, bundle);
}

}  // namespace drydock::cli
