#include <optional>
#include <string>
#include <utility>

#include "engine/audit/export_format.h"
#include "engine/audit/line_reader.h"
#include "engine/audit/verify.h"
#include "engine/crypto/digest.h"
#include "engine/error.h"
#include "engine/run/flat_line.h"

namespace drydock::audit {
namespace {

// Reads an export from its first byte to its last, or to where it cannot be read any more.
class ExportCheck final {
  public:
    ExportCheck(const std::string& path, const VerifyOptions& options)
        : lines_(path), check_(options) {}

    Verified run() {
        while (!over_) {
            const auto line = lines_.next();
            if (!line) {
                cut(end_, "the export ends without its last line");
                break;
            }
            end_ = line->offset + static_cast<std::int64_t>(line->text.size());
            take(*line);
        }
        end_ledger();
        // Of what was cut off nobody can say whether it was there.
        return check_.finish(complete_ && only_.empty());
    }

  private:
    enum class Section : std::uint8_t { Start, Heads, Ledger, Events };

    void take(const LineReader::Line& line) {
        try {
            from_line(line.text, read_);
        } catch (const Error& error) {
            // The line that the file ends in is cut, unless more than its end is wrong.
            if (!line.complete && !is_line(line.text.substr(0, line.text.size() - 1)))
                return cut(line.offset, "the export ends within a line");
            over_ = true;
            return found(Verdict::Altered, line.offset, error.message());
        }
        if (!line.complete) return cut(line.offset, "the export ends within a line");
        if (section_ == Section::Start && !std::holds_alternative<ExportHeader>(read_)) {
            found(Verdict::Gap, 0, "the first line of the export is missing");
            section_ = Section::Heads;
        }
        if (const auto* end = std::get_if<ExportEnd>(&read_)) return take_end(*end, line.offset);
        digest_.update(line.text);
        digest_.update("\n");
        if (const auto* header = std::get_if<ExportHeader>(&read_))
            return take_header(*header, line.offset);
        if (const auto* head = std::get_if<ExportHead>(&read_))
            return take_head(*head, line.offset);
        take_record(std::get<ExportRecord>(read_), line.offset);
    }

    static bool is_line(const std::string& text) {
        ExportLine line;
        try {
            from_line(text, line);
            return true;
        } catch (const Error&) {
            return false;
        }
    }

    void take_header(const ExportHeader& header, std::int64_t offset) {
        if (section_ != Section::Start)
            return found(Verdict::Altered, offset, "a first line stands further on");
        section_ = Section::Heads;
        has_header_ = true;
        only_ = header.run;
        journal_ = header.journal;
        ledger_size_ = header.ledger;
    }

    void take_head(const ExportHead& head, std::int64_t offset) {
        ++seen_.heads;
        if (section_ != Section::Heads)
            return found(Verdict::Altered, offset, "a head stands further on");
        check_.head(head.note, offset);
    }

    void take_record(const ExportRecord& kept, std::int64_t offset) {
        Record record{.line = kept.line, .salt = kept.salt, .offset = offset};
        if (kept.body) record.body = *kept.body;
        if (kept.of_ledger) {
            ++seen_.ledger;
            if (section_ == Section::Events)
                return found(Verdict::Altered, offset, "a line of the ledger stands further on");
            section_ = Section::Ledger;
            return check_.ledger_line(record);
        }
        ++seen_.events;
        end_ledger();
        run::LineHead head;
        try {
            head = run::read_head(record.line);
        } catch (const Error& error) {
            // It does not say of which run it is: it counts for the one at hand.
            if (check_.run() == nullptr) return found(Verdict::Altered, offset, error.message());
            return check_.event(record);
        }
        if (check_.run() == nullptr || check_.run()->run() != head.run)
            begin_run(head.run, offset);
        check_.event(record, head);
    }

    void begin_run(std::string_view run, std::int64_t offset) {
        check_.begin_run(run, offset);
        if (!only_.empty() && only_ != run)
            found(Verdict::Altered, offset, "the export is of another run");
    }

    void end_ledger() {
        if (section_ == Section::Events) return;
        section_ = Section::Events;
        check_.end_ledger(ledger_size_, journal_);
    }

    void take_end(const ExportEnd& end, std::int64_t offset) {
        over_ = true;
        end_ledger();
        check_.end_run();
        complete_ = true;
        if (lines_.next())
            return found(Verdict::Altered, offset, "something follows the last line");
        const bool more = seen_.events > end.events || seen_.heads > end.heads ||
                          seen_.ledger > end.ledger;
        const bool fewer = seen_.events < end.events || seen_.heads < end.heads ||
                           seen_.ledger < end.ledger;
        const bool same_bytes = crypto::to_hex(digest_.finish()) == end.sha256;
        if (more || (fewer && same_bytes))
            return found(Verdict::Altered, offset, "the last line names other numbers");
        const Verdict told = check_.so_far().verdict();
        if (fewer && told == Verdict::Ok)
            return found(Verdict::Gap, offset, "lines are missing that the last one counts");
        // As many lines as there were, and other bytes: whatever was found, it was altered.
        if (!fewer && !same_bytes && has_header_ && told < Verdict::Altered)
            found(Verdict::Altered, offset,
                  "the bytes before the last line are not those that it names");
    }

    void cut(std::int64_t offset, std::string what) {
        over_ = true;
        found(Verdict::Truncated, offset, std::move(what));
    }

    // What concerns no run.
    void found(Verdict verdict, std::int64_t offset, std::string what) {
        check_.add({verdict, {}, 0, offset, std::move(what)});
    }

    LineReader lines_;
    AuditCheck check_;
    crypto::Sha256 digest_;
    ExportLine read_;
    Section section_ = Section::Start;
    std::string only_, journal_;
    std::optional<std::int64_t> ledger_size_;
    ExportEnd seen_;
    std::int64_t end_ = 0;
    bool over_ = false, complete_ = false, has_header_ = false;
};

}  // namespace

Verified verify_export(const std::string& path, const VerifyOptions& options) {
    return ExportCheck(path, options).run();
}

}  // namespace drydock::audit
