import type { ReactNode } from 'react';
import ReactMarkdown, { defaultUrlTransform } from 'react-markdown';
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import { LoggedImage, RemoteImage } from './image.tsx';
import { isPictureData } from './pictures.ts';
import { SafeLink } from './safe-link.tsx';

interface MarkdownNode {
  type: string;
  children?: MarkdownNode[];
}

/** HTML inside Markdown is shown as the text it is: a sanitiser alone would hide what was written. */
function htmlAsText() {
  const visit = (node: MarkdownNode): void => {
    if (node.type === 'html') node.type = 'text';
    for (const child of node.children ?? []) visit(child);
  };
  return visit;
}

/** What comes with the text itself may be shown, and is looked at once more where it is drawn. */
const schema = { ...defaultSchema, protocols: { ...defaultSchema.protocols, src: ['http', 'https', 'data'] } };

/** Markdown of untrusted text. No HTML of its own, links ask before they are followed, images elsewhere are never loaded. */
export default function Markdown({ text }: { text: string }): ReactNode {
  return (
    <div className="markdown">
      <ReactMarkdown
        remarkPlugins={[remarkGfm, htmlAsText]}
        rehypePlugins={[[rehypeSanitize, schema]]}
        urlTransform={(url) => (isPictureData(url) ? url : defaultUrlTransform(url))}
        components={{
          a: ({ href, children }) => <SafeLink href={href ?? ''}>{children}</SafeLink>,
          img: ({ alt, src }) => {
            const url = typeof src === 'string' ? src : '';
            return isPictureData(url) ? <LoggedImage url={url} alt={alt ?? ''} /> : <RemoteImage url={url} alt={alt ?? ''} />;
          },
          table: ({ children }) => (
            <div className="table" role="group" aria-label="Table" tabIndex={0}>
              <table>{children}</table>
            </div>
          ),
        }}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}
