// isotherm doctor: what this machine offers, what is missing, and the remedy.
#include "profiler/doctor.h"
#include "app/command.h"
#include "app/json.h"
#include "core/cpu/cpu_device.h"

namespace isotherm::app {

void add_doctor(CLI::App& app, Context& context) {
  struct Options {
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("doctor", "Driver, CUDA, cuDNN, CUPTI, counters: what works here, what does not, the remedy");
  command->add_flag("--json", options->json, "For scripts");
  command->callback([options, &context] {
    context.job = [options, &context]() -> Status {
      context.progress.tell(-1, "looking at the machine");
#ifdef ISOTHERM_HAS_CUDA
      const std::string toolkit = ISOTHERM_HAS_CUDA;
#else
      const std::string toolkit;
#endif
      std::vector<Finding> findings = {{Finding::State::works, "CPU device", make_cpu_device()->description(), ""}};
#ifdef ISOTHERM_HAS_WINDOW
      findings.push_back({Finding::State::works, "window", "Qt " ISOTHERM_HAS_WINDOW, ""});
#else
      findings.push_back(
          {Finding::State::missing, "window", "not built, Qt 5 was not found",
           "install qtbase5-dev and libqt5svg5-dev, then build again; the command line does everything"});
#endif
      for (Finding& finding : examine_machine(toolkit)) findings.push_back(std::move(finding));
      if (options->json) {
        Json list = Json::array();
        for (const Finding& f : findings)
          list.push_back(
              {{"subject", f.subject}, {"state", finding_state_name(f.state)}, {"text", f.text}, {"remedy", f.remedy}});
        return print(dump({{"findings", std::move(list)}}));
      }
      std::size_t width = 0;
      for (const Finding& f : findings) width = std::max(width, f.subject.size());
      std::string out;
      for (const Finding& f : findings) {
        const std::string state = finding_state_name(f.state);
        out += state + std::string(9 - state.size(), ' ') + f.subject + std::string(width - f.subject.size() + 2, ' ') +
               f.text + "\n";
        if (!f.remedy.empty()) out += std::string(9 + width + 2, ' ') + "remedy: " + f.remedy + "\n";
      }
      return print(out);
    };
  });
}

}  // namespace isotherm::app
