#include "ui/graph_view.h"

#include <QApplication>
#include <QSignalSpy>
#include <QtTest>

#include <algorithm>
#include <random>
#include <set>

#include "core/render/theme.h"
#include "tests/ui/scoped_graph.h"
#include "ui/edge_walk.h"
#include "ui/grid_index.h"
#include "ui/level_of_detail.h"
#include "ui/minimap.h"
#include "ui/picture_words.h"
#include "ui/view_link.h"

using namespace isotherm;
using namespace isotherm::ui;

/// One view with one picture: what is drawn at which zoom, the minimap, the walk, the words.
class GraphViewTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    qApp->setProperty("reducedMotion", true);
    graph_ = scoped_graph(12);
    QVERIFY(graph_);
    conversion_ = conversion_of(graph_, {"block_1/middle", "block_7/right"});
    QVERIFY(conversion_);
    render::SceneOptions options;
    options.max_nodes = 1000;
    options.repeats = false;
    picture_ = picture_of(conversion_, options);
    QVERIFY(picture_);
    QCOMPARE(picture_->scene.boxes.size(), static_cast<std::size_t>(graph_->size()));
  }
  void init() {
    view_ = std::make_unique<GraphView>(false);
    const render::Palette& colors = render::palette(render::Theme::light);
    view_->set_canvas(QColor(colors.canvas.r, colors.canvas.g, colors.canvas.b), Qt::blue);
    view_->resize(500, 400);
    view_->show();
    view_->set_picture(picture_);
    connect(view_.get(), &GraphView::node_clicked, view_.get(), [this](int node) { view_->select_node(node, false); });
  }
  void cleanup() { view_.reset(); }

  void levels_begin_where_the_look_says_and_are_left_ten_percent_below() {
    const std::pair<double, Detail> table[] = {{30, Detail::all}, {26, Detail::all}, {25.9, Detail::words}, {18, Detail::words}, {17.9, Detail::title}, {11, Detail::title},
                                               {10.9, Detail::shape}, {6, Detail::shape}, {5.9, Detail::fill}, {3, Detail::fill}, {2.9, Detail::frames}};
    for (const auto& [height, level] : table) QCOMPARE(detail_at(height), level);
    for (const double from : {26.0, 18.0, 11.0, 6.0, 3.0}) {
      const Detail above = detail_at(from), below = detail_at(from - 0.01);
      QCOMPARE(next_detail(above, from * 0.91), above);
      QCOMPARE(next_detail(above, from * 0.89), below);
      QCOMPARE(next_detail(below, from * 0.99), below);
      QCOMPARE(next_detail(below, from), above);
    }
    // A leap is no flicker.
    QCOMPARE(next_detail(Detail::all, 1), Detail::frames);
    QCOMPARE(next_detail(Detail::frames, 40), Detail::all);
  }

  void the_view_keeps_a_level_within_the_hysteresis() {
    const double height = node_height(picture_->scene);
    view_->set_zoom(26.5 / height);
    QCOMPARE(view_->detail(), Detail::all);
    view_->set_zoom(24.5 / height);
    QCOMPARE(view_->detail(), Detail::all);
    view_->set_zoom(23 / height);
    QCOMPARE(view_->detail(), Detail::words);
    view_->set_zoom(25 / height);
    QCOMPARE(view_->detail(), Detail::words);
    view_->set_zoom(26.5 / height);
    QCOMPARE(view_->detail(), Detail::all);
  }

  void labels_vanish_before_boxes_and_boxes_before_frames() {
    const render::DisplayList& list = picture_->list.list();
    const std::vector<Detail> details = command_details(list, picture_->scene);
    int titles = 0, bodies = 0, frames = 0, words = 0;
    auto group = render::Command::Group::page;
    std::int32_t index = -1;
    for (std::size_t i = 0; i < details.size(); ++i) {
      const render::Command& c = list.commands[i];
      if (c.kind == render::Command::Kind::begin_group) group = c.group, index = c.box;
      const bool rect = c.kind == render::Command::Kind::rect, text = c.kind == render::Command::Kind::text;
      if (rect && group == render::Command::Group::cluster) {
        ++frames;
        QCOMPARE(details[i], Detail::frames);
      }
      if (group != render::Command::Group::node || index < 0) continue;
      const render::Box& box = picture_->scene.boxes[static_cast<std::size_t>(index)];
      if (text && list.strings[static_cast<std::size_t>(c.text)] == picture_->scene.text(box.title)) {
        ++titles;
        QCOMPARE(details[i], Detail::title);
      } else if (text) {
        ++words;
        QVERIFY(details[i] >= Detail::words || box.engine >= 0);
      }
      if (rect && c.w == box.width && c.h == box.height) {
        ++bodies;
        QCOMPARE(details[i], Detail::shape);
      }
    }
    QVERIFY(titles >= graph_->size());
    QVERIFY(bodies >= graph_->size());
    QVERIFY(words > 0);
    QVERIFY(frames > 0);
  }

  void boxes_go_and_frames_stay_on_the_screen() {
    // A box inside a frame: where its middle is drawn, and the frame's ground beside it.
    const render::Scene& s = picture_->scene;
    const render::Box& box = s.boxes[static_cast<std::size_t>(s.box_of_before[static_cast<std::size_t>(graph_->find("block_0/left"))])];
    const auto color_at_box = [&](double zoom) {
      view_->set_zoom(zoom);
      view_->center_on(QPointF(box.x + box.width / 2, box.y + box.height / 2));
      return view_->grab().toImage().pixel(view_->width() / 2, view_->height() / 2);
    };
    const QRgb fill = color_at_box(4.0 / 30), gone = color_at_box(2.0 / 30);
    QVERIFY(fill != gone);
    QCOMPARE(QColor(fill), picture_->list.patch(s.box_of_before[static_cast<std::size_t>(graph_->find("block_0/left"))]));
    const render::Palette& colors = render::palette(render::Theme::light);
    QVERIFY(QColor(gone) != QColor(colors.canvas.r, colors.canvas.g, colors.canvas.b));
  }

  void titles_of_frames_stay_readable() {
    const std::vector<FrameTitle> titles = frame_titles(picture_->scene, Viewport{QPointF(-100, -100), 0.25, QSize(500, 400)});
    QVERIFY(!titles.empty());
    for (std::size_t i = 0; i < titles.size(); ++i) {
      QVERIFY(titles[i].place.height() >= kLeastTitle);
      for (std::size_t k = 0; k < i; ++k) QVERIFY(!titles[i].place.intersects(titles[k].place));
    }
  }

  void a_picture_of_tiles_is_the_picture() {
    view_->set_zoom(0.92);
    view_->center_on(QPointF(picture_->scene.width / 2, picture_->scene.height / 2));
    const QImage tiled = view_->grab().toImage().convertToFormat(QImage::Format_RGB32);
    QImage direct(view_->size(), QImage::Format_RGB32);
    const render::Palette& colors = render::palette(render::Theme::light);
    direct.fill(QColor(colors.canvas.r, colors.canvas.g, colors.canvas.b));
    QPainter painter(&direct);
    // Tiles lie on whole pixels.
    painter.translate(-qRound(view_->origin().x() * view_->zoom()), -qRound(view_->origin().y() * view_->zoom()));
    painter.scale(view_->zoom(), view_->zoom());
    picture_->list.paint(painter, view_->viewport().visible().adjusted(-9, -9, 9, 9), view_->zoom(), view_->detail());
    painter.end();
    const QRect hidden = view_->minimap()->geometry();
    int unlike = 0;
    for (int y = 0; y < direct.height(); ++y)
      for (int x = 0; x < direct.width(); ++x)
        if (!hidden.contains(x, y) && std::abs(qGray(direct.pixel(x, y)) - qGray(tiled.pixel(x, y))) > 24) ++unlike;
    QVERIFY2(unlike < direct.width() * direct.height() / 2000, qPrintable(QString::number(unlike)));
  }

  void an_index_finds_what_lies_there() {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> place(0, 5000), size(1, 300);
    std::vector<QRectF> rects;
    GridIndex index(QRectF(0, 0, 5000, 5000));
    for (int i = 0; i < 800; ++i) {
      rects.emplace_back(place(random), place(random), i % 50 == 0 ? 5000 : size(random), size(random));
      index.add(i, rects.back());
    }
    index.finish();
    for (int k = 0; k < 50; ++k) {
      const QRectF wanted(place(random), place(random), size(random) * 3, size(random) * 3);
      std::vector<std::int32_t> found;
      index.find(wanted, found);
      QVERIFY(std::is_sorted(found.begin(), found.end()));
      for (int i = 0; i < 800; ++i)
        if (rects[static_cast<std::size_t>(i)].intersects(wanted)) QVERIFY(std::binary_search(found.begin(), found.end(), i));
    }
  }

  void the_minimap_moves_the_view_and_hides_where_all_is_seen() {
    Minimap* map = view_->minimap();
    view_->set_zoom(1);
    QVERIFY(map->isVisible());
    const QSizeF whole = picture_->list.size();
    QTest::mouseClick(map, Qt::LeftButton, Qt::NoModifier, QPoint(map->width() / 2, 3 + (map->height() - 6) * 3 / 4));
    const QPointF middle = view_->viewport().visible().center();
    QVERIFY(std::abs(middle.y() - whole.height() * 0.75) < whole.height() * 0.02);
    QVERIFY(std::abs(middle.x() - whole.width() * 0.5) < whole.width() * 0.04);
    // What is dragged is the part that is seen: it does not jump under the mouse.
    QTest::mousePress(map, Qt::LeftButton, Qt::NoModifier, QPoint(map->width() / 2, 3 + (map->height() - 6) * 3 / 4 + 1));
    QMouseEvent drag(QEvent::MouseMove, QPointF(map->width() / 2.0, 3 + (map->height() - 6) / 4.0 + 1), Qt::LeftButton, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(map, &drag);
    QVERIFY(std::abs(view_->viewport().visible().center().y() - whole.height() * 0.25) < whole.height() * 0.03);
    view_->set_zoom(qMin(480 / whole.width(), 380 / whole.height()));
    view_->center_on(QPointF(whole.width() / 2, whole.height() / 2));
    QVERIFY(!map->isVisible());
  }

  void the_minimap_stands_where_the_fewest_boxes_are() {
    Minimap* map = view_->minimap();
    const auto covered = [&](const QRect& place) {
      double sum = 0;
      for (const render::Box& b : picture_->scene.boxes) {
        const QRectF both = view_->to_widget(QRectF(b.x, b.y, b.width, b.height)).intersected(QRectF(place));
        sum += both.width() * both.height();
      }
      return sum;
    };
    std::set<std::pair<int, int>> places;
    for (const double across : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
      view_->set_zoom(1.5);
      view_->center_on(QPointF(picture_->scene.width * (0.5 + across / 2), 500));
      map->choose_corner(view_->viewport());
      places.insert({map->x(), map->y()});
      const int right = view_->width() - map->width() - Minimap::kMargin, low = view_->height() - map->height() - Minimap::kMargin;
      for (const QPoint& corner : {QPoint(Minimap::kMargin, Minimap::kMargin), QPoint(right, Minimap::kMargin), QPoint(Minimap::kMargin, low), QPoint(right, low)})
        QVERIFY(covered(map->geometry()) <= covered(QRect(corner, map->size())) + 0.15 * map->width() * map->height() + 1);
    }
    QVERIFY(places.size() > 1);
  }

  void neighbours_are_those_of_the_graph() {
    const render::Scene& s = picture_->scene;
    for (NodeId node = 0; node < graph_->size(); ++node) {
      // The other way round than the walk looks: from every node's inputs.
      std::set<std::int32_t> expected;
      for (NodeId other = 0; other < graph_->size(); ++other)
        for (const Input& in : (*graph_)[other].inputs)
          if (in.node == node) expected.insert(s.box_of_before[static_cast<std::size_t>(other)]);
      const auto found = consumers(s, s.box_of_before[static_cast<std::size_t>(node)]);
      QCOMPARE(std::set<std::int32_t>(found.begin(), found.end()), expected);
      QCOMPARE(found.size(), expected.size());
    }
  }

  void keys_walk_along_edges() {
    const auto name = [this] { return (*graph_)[view_->selected_node()].name; };
    view_->select_node(graph_->find("block_3/start"), false);
    QTest::keyClick(view_.get(), Qt::Key_Down);
    std::set<std::string> visited{name()};
    while (true) {
      const NodeId before = view_->selected_node();
      QTest::keyClick(view_.get(), Qt::Key_Left);
      if (view_->selected_node() == before) break;
      visited.insert(name());
    }
    while (true) {
      const NodeId before = view_->selected_node();
      QTest::keyClick(view_.get(), Qt::Key_Right);
      if (view_->selected_node() == before) break;
      visited.insert(name());
    }
    QCOMPARE(visited, (std::set<std::string>{"block_3/left", "block_3/middle", "block_3/right"}));
    QTest::keyClick(view_.get(), Qt::Key_Up);
    QCOMPARE(name(), std::string("block_3/start"));
    // There and back.
    view_->select_node(graph_->find("block_3/join"), false);
    QTest::keyClick(view_.get(), Qt::Key_Up);
    const std::string above = name();
    QVERIFY(above == "block_3/sum" || above == "block_3/right");
    QTest::keyClick(view_.get(), Qt::Key_Down);
    QCOMPARE(name(), std::string("block_3/join"));
    // The walk brings what it reaches into view, and says what it is.
    QVERIFY(QRectF(view_->rect()).intersects(view_->to_widget(rect_of("block_3/join"))));
    QVERIFY(view_->accessibleDescription().contains(QStringLiteral("AddV2")));
    QTest::keyClick(view_.get(), Qt::Key_Escape);
    QCOMPARE(view_->selected_node(), kNoNode);
  }

  void from_left_to_right_the_keys_turn_with_the_picture() {
    render::SceneOptions options;
    options.max_nodes = 1000;
    options.repeats = false;
    options.direction = render::Direction::left_right;
    view_->set_picture(picture_of(conversion_, options));
    view_->select_node(graph_->find("block_3/sum"), false);
    QTest::keyClick(view_.get(), Qt::Key_Right);
    QCOMPARE(view_->selected_node(), graph_->find("block_3/join"));
  }

  void arrows_scroll_where_nothing_is_selected() {
    view_->set_zoom(1);
    const QPointF before = view_->origin();
    QTest::keyClick(view_.get(), Qt::Key_Down);
    QVERIFY(view_->origin().y() > before.y());
    QCOMPARE(view_->selected_node(), kNoNode);
  }

  void tooltips_say_what_it_is() {
    const render::Scene& s = picture_->scene;
    const auto box = [&](const char* name) { return s.box_of_before[static_cast<std::size_t>(graph_->find(name))]; };
    const QString native = box_tooltip(s, box("block_1/middle"));
    for (const char* word : {"block_1/middle", "Tanh", "float32 2×8×8×4, 2.0 KiB", "stays native"}) QVERIFY2(native.contains(QString::fromUtf8(word)), qPrintable(native));
    QVERIFY(!box_tooltip(s, box("block_2/left")).contains(QStringLiteral("native")));
    const std::vector<std::int32_t> out = consumers(s, box("block_2/sum"));
    QCOMPARE(out.size(), std::size_t(1));
    std::int32_t line = -1;
    for (std::size_t i = 0; i < s.lines.size(); ++i)
      if (s.lines[i].from == box("block_2/sum") && s.lines[i].to == out.front()) line = static_cast<std::int32_t>(i);
    QVERIFY(line >= 0);
    const QString edge = line_tooltip(s, line);
    // 2 x 8 x 8 x 4 floats are 2048 bytes.
    for (const char* word : {"block_2/sum", "2×8×8×4", "2.0 KiB"}) QVERIFY2(edge.contains(QString::fromUtf8(word)), qPrintable(edge));
    // Pointing at the middle of a piece of the line finds it.
    const render::Point& a = s.points[static_cast<std::size_t>(s.lines[static_cast<std::size_t>(line)].first_point)];
    const render::Point& b = s.points[static_cast<std::size_t>(s.lines[static_cast<std::size_t>(line)].first_point) + 1];
    const QPointF middle((a.x + b.x) / 2, (a.y + b.y) / 2);
    const auto near = picture_->list.lines_near(QRectF(middle - QPointF(3, 3), QSizeF(6, 6)));
    QCOMPARE(nearest_line(s, near, static_cast<float>(middle.x()), static_cast<float>(middle.y()), 3), line);
  }

  void an_overlay_is_in_the_tooltip() {
    render::Overlay overlay;
    overlay.kind = render::Overlay::Kind::time;
    overlay.title = "CPU time";
    overlay.before.assign(static_cast<std::size_t>(conversion_->before->size()), 1.5);
    overlay.words_before.assign(overlay.before.size(), "arena at this node 12.4 MiB");
    overlay.before[static_cast<std::size_t>(graph_->find("block_4/sum"))] = -1;
    render::SceneOptions options;
    options.max_nodes = 1000;
    auto scene = render::build_scene(conversion_, overlay, options);
    QVERIFY(scene.ok());
    const auto at = [&](const char* name) { return scene->box_of_before[static_cast<std::size_t>(graph_->find(name))]; };
    const QString measured = box_tooltip(*scene, at("block_4/left"));
    for (const char* word : {"CPU time", "1.5 µs", "arena at this node 12.4 MiB"}) QVERIFY2(measured.contains(QString::fromUtf8(word)), qPrintable(measured));
    QVERIFY(box_tooltip(*scene, at("block_4/sum")).contains(QStringLiteral("not measured")));
  }

  void before_and_after_are_linked_by_the_node_map() {
    render::SceneOptions options;
    options.max_nodes = 1000;
    options.repeats = false;
    options.view = render::View::after;
    const auto after = picture_of(conversion_, options);
    QVERIFY(after);
    QVERIFY(!conversion_->engines.empty());
    const ViewLink link(picture_->scene, after->scene);
    const NodeId native = conversion_->before->find("block_1/middle");
    const NodeId mapped = conversion_->map.after_of[static_cast<std::size_t>(native)];
    const auto middle = [](const render::Box& b) { return b.y + b.height / 2; };
    const double from = middle(picture_->scene.boxes[static_cast<std::size_t>(picture_->scene.box_of_before[static_cast<std::size_t>(native)])]);
    const double to = middle(after->scene.boxes[static_cast<std::size_t>(after->scene.box_of_after[static_cast<std::size_t>(mapped)])]);
    // Other boxes of the row (an engine's stretch) may share the place: near is enough.
    QVERIFY2(std::abs(link.after_of(from) - to) < 40, qPrintable(QStringLiteral("%1 %2").arg(link.after_of(from)).arg(to)));
    double last = -1e9;
    for (double y = 0; y < picture_->scene.height; y += 7) {
      QVERIFY(std::abs(link.after_of(y)) < after->scene.height + picture_->scene.height);
      last = std::max(last, link.after_of(y));
    }
    QVERIFY(last > 0);
  }

 private:
  QRectF rect_of(const char* name) const {
    const render::Box& b = picture_->scene.boxes[static_cast<std::size_t>(picture_->scene.box_of_before[static_cast<std::size_t>(graph_->find(name))])];
    return {b.x, b.y, b.width, b.height};
  }

  std::shared_ptr<const Graph> graph_;
  std::shared_ptr<const Conversion> conversion_;
  std::shared_ptr<const ScenePicture> picture_;
  std::unique_ptr<GraphView> view_;
};

QTEST_MAIN(GraphViewTest)
#include "graph_view_test.moc"
