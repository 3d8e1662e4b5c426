global using Cmsa.Data.Masks;
global using Cmsa.Data.Pictures;
global using Cmsa.Data.Samples;
global using Cmsa.Data.Scenes;
global using Cmsa.Data.Words;
