#include <optional>
#include <string>
#include <utility>

#include "engine/audit/export_format.h"
#include "engine/audit/line_reader.h"
#include "engine/audit/verify.h"
#include "engine/crypto/digest.h"
#include "engine/error.h"

namespace drydock::audit {
namespace {

// Reads an export from its first byte to its last.
class ExportCheck final {
  public:
    explicit ExportCheck(const std::string& path) : lines_(path) {}

    Verified run() {
        read_header();
        while (!over_) {
            auto line = lines_.next();
            if (!line) {
                whole_file(Verdict::Truncated, end_, "the export ends without its last line");
                break;
            }
            end_ = line->offset + static_cast<std::int64_t>(line->text.size());
            take(*line);
        }
        finish_run();
        return std::move(verified_);
    }

  private:
    void read_header() {
        const auto line = lines_.next();
        if (!line || !line->complete)
            return whole_file(Verdict::Truncated, 0, "it ends within its first line");
        try {
            if (!std::holds_alternative<ExportHeader>(from_line(line->text))) {
                return whole_file(Verdict::Gap, 0, "the first line of the export is missing");
            }
        } catch (const Error&) {
            return whole_file(Verdict::Altered, 0, "it does not begin as an export does");
        }
        digest_.update(line->text);
        digest_.update("\n");
        end_ = static_cast<std::int64_t>(line->text.size());
    }

    void take(const LineReader::Line& line) {
        ExportLine read;
        try {
            if (!line.complete)
                return whole_file(Verdict::Truncated, line.offset, "the export ends within a line");
            read = from_line(line.text);
        } catch (const Error& error) {
            return whole_file(Verdict::Altered, line.offset, error.message());
        }
        if (const auto* end = std::get_if<ExportEnd>(&read)) return take_end(*end, line.offset);
        if (std::holds_alternative<ExportHeader>(read))
            return whole_file(Verdict::Altered, line.offset, "a second first line");
        auto& exported = std::get<ExportedEvent>(read);
        if (!chain_ || chain_->run() != exported.run) {
            finish_run();
            chain_.emplace(exported.run);
        }
        chain_->add(exported.event, line.offset);
        ++verified_.events;
        digest_.update(line.text);
        digest_.update("\n");
    }

    void take_end(const ExportEnd& end, std::int64_t offset) {
        finish_run();
        over_ = true;
        if (lines_.next())
            return whole_file(Verdict::Altered, offset, "something follows the last line");
        if (end.events > verified_.events) {
            return whole_file(
                Verdict::Gap, offset,
                std::to_string(end.events - verified_.events) + " events are missing");
        }
        // A place that was found before says more than the whole.
        if (verified_.findings.empty() && crypto::to_hex(digest_.finish()) != end.sha256) {
            whole_file(Verdict::Altered, offset,
                       "the bytes before the last line are not those that it names");
        }
    }

    void finish_run() {
        if (!chain_) return;
        ++verified_.runs;
        verified_.erased += chain_->erased();
        if (auto found = chain_->finish(); found && verified_.findings.size() < kMaxFindings)
            verified_.findings.push_back(*found);
        chain_.reset();
    }

    // What concerns no run. The reading ends here: what follows cannot be trusted to be lines.
    void whole_file(Verdict verdict, std::int64_t offset, std::string what) {
        finish_run();
        over_ = true;
        verified_.findings.push_back({verdict, {}, 0, offset, std::move(what)});
    }

    LineReader lines_;
    crypto::Sha256 digest_;
    std::optional<ChainCheck> chain_;
    Verified verified_;
    std::int64_t end_ = 0;
    bool over_ = false;
};

}  // namespace

Verified verify_export(const std::string& path) { return ExportCheck(path).run(); }

}  // namespace drydock::audit
