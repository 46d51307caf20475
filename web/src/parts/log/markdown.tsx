import { ImageOff } from 'lucide-react';
import type { ReactNode } from 'react';
import ReactMarkdown from 'react-markdown';
import rehypeSanitize from 'rehype-sanitize';
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

/** Markdown of untrusted text. No HTML of its own, links ask before they are followed, images are never loaded. */
export default function Markdown({ text }: { text: string }): ReactNode {
  return (
    <div className="markdown">
      <ReactMarkdown
        remarkPlugins={[htmlAsText]}
        rehypePlugins={[rehypeSanitize]}
        components={{
          a: ({ href, children }) => <SafeLink href={href ?? ''}>{children}</SafeLink>,
          img: ({ alt, src }) => (
            <span className="inline-flex items-center gap-1 rounded-sm bg-pressed px-1.5 text-meta text-ink-3">
              <ImageOff size={13} aria-hidden /> image not loaded: {alt || (typeof src === 'string' ? src.slice(0, 60) : '')}
            </span>
          ),
        }}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}
