// How long things move; not at all where the desktop asks for reduced motion.
#pragma once

namespace isotherm::ui {

inline constexpr int kFadeTime = 150, kSelectTime = 150, kMoveTime = 200;  ///< ms

/// Whether the desktop asks for reduced motion: KDE's animation speed, GTK's enable-animations, GNOME's setting. Asked
/// once. The property "reducedMotion" of the application, where it is set, is the answer.
bool reduced_motion();

/// `milliseconds`, or 0.
int motion_time(int milliseconds);
/// Ease-out cubic of 0 to 1.
double ease_out(double t);

}  // namespace isotherm::ui
