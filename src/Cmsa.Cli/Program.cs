using System.Text;
using Cmsa.Cli;

Console.OutputEncoding = new UTF8Encoding(false);
return Application.Run(args);
