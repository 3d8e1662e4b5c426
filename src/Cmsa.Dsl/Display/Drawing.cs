using System.Globalization;
using System.Xml.Linq;
using Cmsa.Dsl.Elaboration;
using LanguageExt;

namespace Cmsa.Dsl.Display;

/// <summary>
/// A model as a picture: data flows from left to right, every level in a lane of its own, boxes coloured by what they
/// are to the whole, sizes on the arrows. Long stretches of convolutions are one box, repeated blocks are written once
/// with how often they stand there. Equal models give equal pictures.
/// </summary>
public static class Drawing
{
    private static readonly XNamespace svg = "http://www.w3.org/2000/svg";
    private const string Ink = "#1f2933";
    private const string Quiet = "#52606d";
    private const string Wire = "#52606d";
    private const string Faces = "Helvetica, Arial, 'Liberation Sans', sans-serif";
    private const int LongestFormula = 170;

    /// <summary>The picture of a model at some sizes as SVG, or all that does not fit.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">The sizes of its argument.</param>
    /// <param name="title">What stands above the picture; nothing if it is empty.</param>
    public static Validation<Error, string> Svg(Layer model, InputSpec inputs, string title = "") =>
        Elaborator.Trace(model, inputs).Map(t => Write(Sketch.Of(t.Trace), title));

    private static string Write(Diagram diagram, string title)
    {
        var layout = Layout.Of(diagram);
        var formulas = diagram
            .Formulas.Map(f => (f.Name, Pieces: Mathematics.Of(f.Formula)))
            .Filter(f => f.Pieces.Sum(p => p.Text.Length) <= LongestFormula);
        var head = title.Length > 0 ? 30.0 : 0;
        var foot = layout.Height + head + 6;
        var width = Math.Max(
            layout.Width,
            formulas
                .Map(f => Layout.Measure(string.Concat(f.Pieces.Map(p => p.Text)) + f.Name, 13) + 60)
                .Append(420)
                .Max()
        );
        var height = foot + formulas.Count * 24 + 34;
        var sections = Enum.GetValues<Section>()
            .Where(s => s != Section.Plain && diagram.Blocks.Exists(b => b.Section == s))
            .ToMany();

        var picture = new XElement(
            svg + "svg",
            new XAttribute("width", N(width)),
            new XAttribute("height", N(height)),
            new XAttribute("viewBox", $"0 0 {N(width)} {N(height)}"),
            new XAttribute("font-family", Faces),
            new XElement(svg + "title", title.Length > 0 ? title : "A model"),
            new XElement(
                svg + "defs",
                new XElement(
                    svg + "marker",
                    new XAttribute("id", "tip"),
                    new XAttribute("viewBox", "0 0 8 8"),
                    new XAttribute("refX", "7"),
                    new XAttribute("refY", "4"),
                    new XAttribute("markerWidth", "7"),
                    new XAttribute("markerHeight", "7"),
                    new XAttribute("orient", "auto"),
                    new XElement(
                        svg + "path",
                        new XAttribute("d", "M0,0.8 L7.5,4 L0,7.2 z"),
                        new XAttribute("fill", Wire)
                    )
                )
            ),
            new XElement(
                svg + "rect",
                new XAttribute("width", "100%"),
                new XAttribute("height", "100%"),
                new XAttribute("fill", "#ffffff")
            ),
            title.Length > 0 ? Text(title, 26, 30, 16, Ink, "start", bold: true) : null,
            new XElement(
                svg + "g",
                new XAttribute("transform", $"translate(0 {N(head)})"),
                Lanes(layout),
                layout.Arrows.OrderByDescending(a => a.Way.Count).Select(Arrow),
                layout.Junctions.Map(Dot),
                layout.Boxes.Map(Box),
                layout.Labels.Map(LabelText)
            ),
            formulas.Select((f, i) => Formula(f.Name, f.Pieces, 26, foot + 14 + i * 24)),
            Legend(sections, foot + formulas.Count * 24 + 10)
        );
        foreach (
            var group in picture.DescendantsAndSelf().Where(e => e.Name == svg + "svg" || e.Name == svg + "g").ToList()
        )
        foreach (var element in group.Elements().ToList())
            element.AddBeforeSelf("\n");
        return picture.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    // ---- lanes

    private static IEnumerable<XElement> Lanes(Layout layout) =>
        layout
            .Boxes.Filter(b => b.Block.Level.Length > 0)
            .GroupBy(b => b.Block.Level)
            .SelectMany(lane =>
            {
                var (left, right) = (lane.Min(b => b.X) - 34, lane.Max(b => b.Right) + 14);
                var (top, bottom) = (lane.Min(b => b.Top) - 20, lane.Max(b => b.Bottom) + 10);
                return new[]
                {
                    Rectangle(left, top, right - left, bottom - top, 9, "#f5f7fa", "#e4e7eb"),
                    Text(lane.Key, right - 8, bottom - 7, 10.5, "#7b8794", "end", bold: true),
                };
            });

    // ---- boxes

    private static IEnumerable<XElement> Box(Placed box)
    {
        var (fill, stroke) = Colours(box.Block.Section);
        if (box.Block.Form == Form.Sum)
            return
            [
                new(
                    svg + "circle",
                    new XAttribute("cx", N(box.Middle)),
                    new XAttribute("cy", N(box.Y)),
                    new XAttribute("r", N(box.Width / 2)),
                    new XAttribute("fill", "#ffffff"),
                    new XAttribute("stroke", Ink)
                ),
                new(
                    svg + "path",
                    new XAttribute("d", $"M{N(box.Middle - 6)},{N(box.Y)} h12 M{N(box.Middle)},{N(box.Y - 6)} v12"),
                    new XAttribute("stroke", Ink),
                    new XAttribute("stroke-width", "1.4")
                ),
            ];
        var shadows = Many.Range(box.Block.Repeats > 1 ? 2 : 0)
            .Map(i => Rectangle(box.X + 6 - 3 * i, box.Top - 6 + 3 * i, box.Width, box.Height, 6, fill, stroke));
        var body = Rectangle(
            box.X,
            box.Top,
            box.Width,
            box.Height,
            box.Block.Form == Form.Pill ? box.Height / 2 : 6,
            box.Block.Form == Form.Pill ? "#ffffff" : fill,
            box.Block.Form == Form.Pill ? "#9aa5b1" : stroke
        );
        var repeats =
            box.Block.Repeats > 1 && !box.Notes.Exists(n => n.StartsWith('×'))
                ? box.Notes.Add($"×{box.Block.Repeats}")
                : box.Notes;
        var first = box.Y - (box.Title.Count * 15 + repeats.Count * 13) / 2.0;
        return
        [
            .. shadows,
            body,
            .. box.Title.Select(
                (line, i) =>
                    Text(line, box.Middle, first + 15 * i + 11.5, 12.5, Ink, "middle", bold: box.Block.Form == Form.Box)
            ),
            .. repeats.Select(
                (line, i) => Text(line, box.Middle, first + 15 * box.Title.Count + 13 * i + 10, 10.5, Quiet, "middle")
            ),
        ];
    }

    private static (string Fill, string Stroke) Colours(Section section) =>
        section switch
        {
            Section.Backbone => ("#dbe9f8", "#4a7fb5"),
            Section.Words => ("#dcf1e0", "#4c9a60"),
            Section.Attention => ("#fde8cf", "#d18a2c"),
            Section.Fusion => ("#e8e0f6", "#8061b8"),
            Section.Output => ("#fbdfe0", "#c65a62"),
            _ => ("#f1f3f5", "#868e96"),
        };

    // ---- arrows

    private static IEnumerable<XElement> Arrow(Routed routed)
    {
        var path = Path(routed.Way);
        return
        [
            new(
                svg + "path",
                new XAttribute("d", path),
                new XAttribute("fill", "none"),
                new XAttribute("stroke", "#ffffff"),
                new XAttribute("stroke-width", "4.5"),
                new XAttribute("stroke-opacity", "0.85")
            ),
            new(
                svg + "path",
                new XAttribute("d", path),
                new XAttribute("fill", "none"),
                new XAttribute("stroke", Wire),
                new XAttribute("stroke-width", "1.3"),
                new XAttribute("marker-end", "url(#tip)")
            ),
        ];
    }

    // Lines with round corners.
    private static string Path(Many<Point> way) =>
        $"M{N(way.Head.X)},{N(way.Head.Y)}"
        + string.Concat(
            Many.Range(way.Count)
                .Tail.Map(i =>
                {
                    if (i == way.Count - 1)
                        return $" L{N(way[i].X)},{N(way[i].Y)}";
                    var (before, corner, after) = (way[i - 1], way[i], way[i + 1]);
                    var radius = Math.Min(7, Math.Min(Length(before, corner), Length(corner, after)) / 2);
                    var (into, out_) = (Towards(corner, before, radius), Towards(corner, after, radius));
                    return $" L{N(into.X)},{N(into.Y)} Q{N(corner.X)},{N(corner.Y)} {N(out_.X)},{N(out_.Y)}";
                })
        );

    private static double Length(Point a, Point b) => Math.Abs(a.X - b.X) + Math.Abs(a.Y - b.Y);

    private static Point Towards(Point from, Point to, double by) =>
        Length(from, to) is var length && length < 0.01
            ? from
            : new(from.X + (to.X - from.X) / length * by, from.Y + (to.Y - from.Y) / length * by);

    private static XElement Dot(Point at) =>
        new(
            svg + "circle",
            new XAttribute("cx", N(at.X)),
            new XAttribute("cy", N(at.Y)),
            new XAttribute("r", "2.4"),
            new XAttribute("fill", Wire)
        );

    private static XElement LabelText(Label label) => Text(label.Text, label.X, label.Y, 10, Quiet, "start");

    // ---- below the picture

    private static XElement Formula(string name, Many<Mathematics.Piece> pieces, double x, double y)
    {
        var line = new XElement(
            svg + "text",
            new XAttribute("x", N(x)),
            new XAttribute("y", N(y)),
            new XAttribute("font-family", "Georgia, 'Times New Roman', 'Liberation Serif', serif"),
            new XAttribute("font-size", "14"),
            new XAttribute("fill", Ink),
            new XElement(svg + "tspan", $"{name}(x) = ")
        );
        var raise = false;
        foreach (var piece in pieces)
        {
            line.Add(
                new XElement(
                    svg + "tspan",
                    piece.Below ? new XAttribute("dy", "4")
                        : raise ? new XAttribute("dy", "-4")
                        : null,
                    piece.Below ? new XAttribute("font-size", "10") : null,
                    new XAttribute("font-style", piece.Name || piece.Below ? "italic" : "normal"),
                    piece.Text
                )
            );
            raise = piece.Below;
        }
        return line;
    }

    private static IEnumerable<XElement> Legend(Many<Section> sections, double y)
    {
        var x = 26.0;
        foreach (var section in sections)
        {
            var name = Caption.Spaced($"{section}");
            var (fill, stroke) = Colours(section);
            yield return Rectangle(x, y, 11, 11, 2.5, fill, stroke);
            yield return Text(name, x + 16, y + 9.5, 10.5, Quiet, "start");
            x += Layout.Measure(name, 10.5) + 36;
        }
        yield return Text(
            "on the arrows: words × channels above, rows × columns below",
            x + 4,
            y + 9.5,
            10.5,
            "#7b8794",
            "start"
        );
    }

    private static XElement Rectangle(
        double x,
        double y,
        double width,
        double height,
        double radius,
        string fill,
        string stroke
    ) =>
        new(
            svg + "rect",
            new XAttribute("x", N(x)),
            new XAttribute("y", N(y)),
            new XAttribute("width", N(width)),
            new XAttribute("height", N(height)),
            new XAttribute("rx", N(radius)),
            new XAttribute("fill", fill),
            new XAttribute("stroke", stroke)
        );

    private static XElement Text(
        string text,
        double x,
        double y,
        double size,
        string fill,
        string anchor,
        bool bold = false
    ) =>
        new(
            svg + "text",
            new XAttribute("x", N(x)),
            new XAttribute("y", N(y)),
            new XAttribute("font-size", N(size)),
            new XAttribute("fill", fill),
            new XAttribute("text-anchor", anchor),
            bold ? new XAttribute("font-weight", "600") : null,
            text
        );

    private static string N(double number) => Math.Round(number, 1).ToString(CultureInfo.InvariantCulture);
}
