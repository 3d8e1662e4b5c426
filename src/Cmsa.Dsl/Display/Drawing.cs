using System.Globalization;
using System.Xml.Linq;
using Cmsa.Dsl.Elaboration;
using LanguageExt;

namespace Cmsa.Dsl.Display;

/// <summary>
/// A model as a picture: data flows from left to right, every level in a lane of its own, boxes coloured by what they
/// are to the whole, sizes on the arrows. Long stretches of convolutions are one box, repeated blocks are written
/// once with how often they stand there. Equal models give equal pictures.
/// </summary>
public static class Drawing
{
    private static readonly XNamespace svg = "http://www.w3.org/2000/svg";
    private const string Ink = "#1f2933";
    private const string Quiet = "#52606d";
    private const string Wire = "#52606d";
    private const string Serifs = "Georgia, 'Times New Roman', 'Liberation Serif', serif";
    private const double LeastWidth = 420;
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
        var lines = formulas.Map(f => Layout.Measure(string.Concat(f.Pieces.Map(p => p.Text)) + f.Name, 13) + 60);
        var width = Math.Max(layout.Width, lines.Append(LeastWidth).Max());
        var height = foot + formulas.Count * 24 + 34;
        var sections = Enum.GetValues<Section>()
            .Where(s => s != Section.Plain && diagram.Blocks.Exists(b => b.Section == s))
            .ToMany();

        var size = Attributes(
            ("width", N(width)),
            ("height", N(height)),
            ("viewBox", $"0 0 {N(width)} {N(height)}"),
            ("font-family", Faces)
        );
        var picture = new XElement(
            svg + "svg",
            size,
            new XElement(svg + "title", title.Length > 0 ? title : "A model"),
            new XElement(svg + "defs", Tip),
            Element("rect", ("width", "100%"), ("height", "100%"), ("fill", "#ffffff")),
            title.Length > 0 ? Text(title, 26, 30, 16, Ink, "start", bold: true) : null,
            new XElement(svg + "g", Attributes(("transform", $"translate(0 {N(head)})")), Parts(layout)),
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

    private static IEnumerable<XElement> Parts(Layout layout) =>
        [
            .. Lanes(layout),
            .. layout.Arrows.OrderByDescending(a => a.Way.Count).ToMany().Bind(Arrow),
            .. layout.Junctions.Map(Dot),
            .. layout.Boxes.Bind(Box),
            .. layout.Labels.Map(LabelText),
        ];

    // ---- lanes

    private static IEnumerable<XElement> Lanes(Layout layout) =>
        layout
            .Boxes.Filter(b => b.Block.Level.Length > 0)
            .GroupBy(b => b.Block.Level)
            .SelectMany(lane => Lane(lane.Key, [.. lane]));

    private static Many<XElement> Lane(string level, Many<Placed> boxes)
    {
        var (left, right) = (boxes.Min(b => b.X) - 34, boxes.Max(b => b.Right) + 14);
        var (top, bottom) = (boxes.Min(b => b.Top) - 20, boxes.Max(b => b.Bottom) + 10);
        return
        [
            Rectangle(left, top, right - left, bottom - top, 9, "#f5f7fa", "#e4e7eb"),
            Text(level, right - 8, bottom - 7, 10.5, "#7b8794", "end", bold: true),
        ];
    }

    // ---- boxes

    private static Many<XElement> Box(Placed box) => box.Block.Form == Form.Sum ? Plus(box) : Titled(box);

    private static Many<XElement> Plus(Placed box) =>
        [
            Element(
                "circle",
                ("cx", N(box.Middle)),
                ("cy", N(box.Y)),
                ("r", N(box.Width / 2)),
                ("fill", "#ffffff"),
                ("stroke", Ink)
            ),
            Element(
                "path",
                ("d", $"M{N(box.Middle - 6)},{N(box.Y)} h12 M{N(box.Middle)},{N(box.Y - 6)} v12"),
                ("stroke", Ink),
                ("stroke-width", "1.4")
            ),
        ];

    private static Many<XElement> Titled(Placed box)
    {
        var (fill, stroke) = Colours(box.Block.Section);
        var isRepeated = box.Block.Repeats > 1;
        var shadows = Many.Range(isRepeated ? 2 : 0).Map(i => Frame(6 - 3 * i, 6, fill, stroke));
        var frame =
            box.Block.Form == Form.Pill ? Frame(0, box.Height / 2, "#ffffff", "#9aa5b1") : Frame(0, 6, fill, stroke);
        var notes =
            isRepeated && !box.Notes.Exists(n => n.StartsWith('×'))
                ? box.Notes.Add($"×{box.Block.Repeats}")
                : box.Notes;
        var first = box.Y - (box.Title.Count * 15 + notes.Count * 13) / 2.0;
        return [.. shadows, frame, .. box.Title.Select(TitleLine), .. notes.Select(Note)];

        XElement Frame(double behind, double radius, string fill, string stroke) =>
            Rectangle(box.X + behind, box.Top - behind, box.Width, box.Height, radius, fill, stroke);

        XElement TitleLine(string line, int i) =>
            Text(line, box.Middle, first + 15 * i + 11.5, 12.5, Ink, "middle", bold: box.Block.Form == Form.Box);

        XElement Note(string line, int i) =>
            Text(line, box.Middle, first + 15 * box.Title.Count + 13 * i + 10, 10.5, Quiet, "middle");
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

    private static XElement Tip =>
        new(
            svg + "marker",
            Attributes(
                ("id", "tip"),
                ("viewBox", "0 0 8 8"),
                ("refX", "7"),
                ("refY", "4"),
                ("markerWidth", "7"),
                ("markerHeight", "7"),
                ("orient", "auto")
            ),
            Element("path", ("d", "M0,0.8 L7.5,4 L0,7.2 z"), ("fill", Wire))
        );

    private static Many<XElement> Arrow(Routed routed)
    {
        var path = Path(routed.Way);
        return
        [
            Element(
                "path",
                ("d", path),
                ("fill", "none"),
                ("stroke", "#ffffff"),
                ("stroke-width", "4.5"),
                ("stroke-opacity", "0.85")
            ),
            Element(
                "path",
                ("d", path),
                ("fill", "none"),
                ("stroke", Wire),
                ("stroke-width", "1.3"),
                ("marker-end", "url(#tip)")
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

    private static Point Towards(Point from, Point to, double by)
    {
        var length = Length(from, to);
        return length < 0.01
            ? from
            : new(from.X + (to.X - from.X) / length * by, from.Y + (to.Y - from.Y) / length * by);
    }

    private static XElement Dot(Point at) =>
        Element("circle", ("cx", N(at.X)), ("cy", N(at.Y)), ("r", "2.4"), ("fill", Wire));

    private static XElement LabelText(Label label) => Text(label.Text, label.X, label.Y, 10, Quiet, "start");

    // ---- below the picture

    private static XElement Formula(string name, Many<Mathematics.Piece> pieces, double x, double y)
    {
        var style = Attributes(("x", N(x)), ("y", N(y)), ("font-family", Serifs), ("font-size", "14"), ("fill", Ink));
        var line = new XElement(svg + "text", style, new XElement(svg + "tspan", $"{name}(x) = "));
        var raise = false;
        foreach (var piece in pieces)
        {
            line.Add(Written(piece, raise));
            raise = piece.Below;
        }
        return line;
    }

    private static XElement Written(Mathematics.Piece piece, bool raise)
    {
        var shift =
            piece.Below ? "4"
            : raise ? "-4"
            : null;
        var size = piece.Below ? "10" : null;
        var style = piece.Name || piece.Below ? "italic" : "normal";
        return new(svg + "tspan", Attributes(("dy", shift), ("font-size", size), ("font-style", style)), piece.Text);
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

    // ---- elements

    private static XElement Rectangle(
        double x,
        double y,
        double width,
        double height,
        double radius,
        string fill,
        string stroke
    ) =>
        Element(
            "rect",
            ("x", N(x)),
            ("y", N(y)),
            ("width", N(width)),
            ("height", N(height)),
            ("rx", N(radius)),
            ("fill", fill),
            ("stroke", stroke)
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
            Attributes(
                ("x", N(x)),
                ("y", N(y)),
                ("font-size", N(size)),
                ("fill", fill),
                ("text-anchor", anchor),
                ("font-weight", bold ? "600" : null)
            ),
            text
        );

    private static XElement Element(string name, params Many<(string, string?)> attributes) =>
        new(svg + name, Attributes(attributes));

    private static Many<XAttribute> Attributes(params Many<(string Name, string? Value)> attributes) =>
        [.. attributes.Where(a => a.Value is not null).Select(a => new XAttribute(a.Name, a.Value!))];

    private static string N(double number) => Math.Round(number, 1).ToString(CultureInfo.InvariantCulture);
}
