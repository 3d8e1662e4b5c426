using System.CommandLine;
using Cmsa.Backbones;
using Cmsa.Experiments.Reports;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa features PHOTO ... -o FOLDER</c>: what a pretrained backbone sees in photographs, as pictures.</summary>
public static class FeaturesCommand
{
    private static readonly string names = string.Join(", ", ImageNetBackbone.All.Map(b => b.Name));

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var photos = new Argument<string[]>("PHOTO")
        {
            Description = "JPEG or PNG files.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new System.CommandLine.Option<string>("--output", "-o")
        {
            Description = "The folder for the pictures, PHOTO.features.png.",
            HelpName = "FOLDER",
            Required = true,
        };
        var backbone = new System.CommandLine.Option<string>("--backbone")
        {
            Description = $"The pretrained backbone: {names}.",
            HelpName = "NAME",
            DefaultValueFactory = _ => ImageNetBackbone.ResNet18.Name,
        };
        var side = new System.CommandLine.Option<int>("--side")
        {
            Description = "The longer side that a photograph is brought to, in pixels.",
            HelpName = "N",
            DefaultValueFactory = _ => 320,
        };
        var command = new Command(
            "features",
            "Shows what a backbone pretrained on ImageNet sees in photographs: for each, the photograph and the first "
                + "three principal components of Res3, Res4 and Res5 as red, green and blue. Example: cmsa features "
                + "street.jpg -o features"
        )
        {
            photos,
            output,
            backbone,
            side,
        };
        command.SetAction(line =>
            Application.Print(
                from chosen in Find(line.GetRequiredValue(backbone))
                from eyes in FeaturePictures.Open(chosen, line.GetValue(side))
                from written in Written(eyes, [.. line.GetRequiredValue(photos)], line.GetRequiredValue(output))
                select written
            )
        );
        return command;
    }

    private static Either<Error, ImageNetBackbone> Find(string name) =>
        ImageNetBackbone
            .Find(name)
            .ToEither(new Error($"no pretrained backbone is called {name}", "--backbone", $"there is {names}"));

    private static Either<Error, Many<Line>> Written(FeaturePictures eyes, Many<string> photos, string folder)
    {
        using (eyes)
            return photos.Fold(
                Right<Error, Many<Line>>([]),
                (lines, photo) =>
                    from before in lines
                    from picture in PictureFile.Read(photo)
                    let path = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(photo)}.features.png")
                    from place in Files.Write(path, PictureFile.Png(Sheet(eyes, picture)))
                    select before.Add(new($"{photo}: Res3, Res4 and Res5 in {place}"))
            );
    }

    // The photograph and its levels side by side, a title below each.
    private static Picture Sheet(FeaturePictures eyes, Picture photograph) =>
        Painting.Beside([
            .. eyes.Of(photograph)
                .Map(p => Painting.Below([p.Shown, Painting.Text(p.Level, p.Shown.Width)], gap: 2)),
        ]);
}
